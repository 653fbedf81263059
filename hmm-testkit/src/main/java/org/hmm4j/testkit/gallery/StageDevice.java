// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

/** A subscriber of a {@link Stage}. */
interface StageDevice {

  /** How many ranges it keeps registered. */
  default int keptRanges() {
    return 0;
  }

  /** Checks what has to hold when no invalidation runs. Nothing if it is not open. */
  void checkAtRest();

  /** One of the stage's own invalidations is about to end. */
  default void beforeEnd() {}

  /** Ends the subscription, if there is one. */
  void close();
}

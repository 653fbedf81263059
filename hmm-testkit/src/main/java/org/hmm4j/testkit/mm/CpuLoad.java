// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;

/**
 * The result of a CPU load.
 *
 * @param signal what it raised
 * @param value the word, 0 if it raised a signal
 */
public record CpuLoad(Signal signal, int value) {

  /**
   * Checks that the signal is there.
   *
   * @param signal what it raised
   * @param value the word
   */
  public CpuLoad {
    Objects.requireNonNull(signal, "signal");
  }
}

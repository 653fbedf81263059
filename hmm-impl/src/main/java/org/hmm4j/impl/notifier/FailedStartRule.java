// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.NotifierProfile;

/**
 * What becomes of a round of list notifiers in which a non-blockable start fails: the part of
 * mm/mmu_notifier.c that changed in 5.13. Chosen when the kernel is booted.
 */
interface FailedStartRule {

  /** The rule of a generation of the core. */
  static FailedStartRule of(NotifierProfile profile, Kernel kernel) {
    return switch (profile) {
      case V5_3 -> new NobodyIsEnded();
      case V6_1 -> new EverybodyIsEnded(kernel);
    };
  }

  /**
   * Judges a notifier that failed its start.
   *
   * @return whether it has taken its start back by itself, so that an end would be one too many
   */
  boolean hasUndoneItself(ListNotifier failed);

  /** Whether the others get their end within the failing start. */
  boolean endsTheStarted();
}

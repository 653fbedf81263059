// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

/**
 * Linux 5.2 to 5.12: {@code __mmu_notifier_invalidate_range_start} returns the error and that is
 * all. Who failed has undone itself; who did not is left unbalanced.
 */
final class NobodyIsEnded implements FailedStartRule {

  @Override
  public boolean hasUndoneItself(ListNotifier failed) {
    return true;
  }

  @Override
  public boolean endsTheStarted() {
    return false;
  }
}

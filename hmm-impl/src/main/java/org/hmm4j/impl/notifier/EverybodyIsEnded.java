// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.notifier.MmuNotifierEndOps;

/**
 * Linux 5.13 and later: the second loop of {@code mn_hlist_invalidate_range_start} calls every end
 * method, also that of a notifier that failed, which is why such a one must not have any.
 */
final class EverybodyIsEnded implements FailedStartRule {

  private final Kernel kernel;

  EverybodyIsEnded(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public boolean hasUndoneItself(ListNotifier failed) {
    if (failed.ops() instanceof SelfUnwindingOps) {
      return true;
    }
    if (failed.ops() instanceof MmuNotifierEndOps) {
      kernel.warn(failed + " failed a start, which one that wants the ends must not");
    }
    return false;
  }

  @Override
  public boolean endsTheStarted() {
    return true;
  }
}

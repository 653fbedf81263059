// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.Objects;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.impl.notifier.NotifierCore;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;

/** The door to HMM, and the interval API: {@code hmm_range_fault}, mm/hmm.c, Linux 6.1. */
public final class HmmCore implements Hmm {

  private final Kernel kernel;
  private final NotifierCore notifiers;

  /**
   * Makes the HMM of a kernel.
   *
   * @param kernel the kernel
   * @param notifiers its notifier core
   */
  public HmmCore(Kernel kernel, NotifierCore notifiers) {
    this.kernel = kernel;
    this.notifiers = notifiers;
  }

  Kernel kernel() {
    return kernel;
  }

  NotifierCore notifiers() {
    return notifiers;
  }

  @Override
  public HmmMirror mirror(HmmMirrorOps ops) {
    return new Mirror(this, Objects.requireNonNull(ops, "ops"));
  }

  @Override
  public Errno rangeFault(HmmRange range) {
    kernel.context().mightSleep();
    MmuIntervalNotifier notifier = range.notifier();
    if (notifier == null) {
      throw new IllegalArgumentException(range + " has no notifier");
    }
    if (notifier.mm() == null) {
      throw new KernelBug(
          KernelBug.Rule.NOT_REGISTERED, "the notifier of " + range + " is not inserted");
    }
    CountedMm mm = CountedMm.of(kernel, notifier.mm());
    mm.assertHasUser();
    mm.mmapLock().assertHeld();
    if (range.start() >= range.end()) {
      return Errno.EINVAL;
    }
    checkPages(mm, range);
    checkCovered(notifier, range);
    long seq = range.notifierSeq();
    return new RangeWalk(mm, range, () -> notifier.checkRetry(seq)).fault();
  }

  private static void checkPages(CountedMm mm, HmmRange range) {
    PageTableGeometry geometry = mm.addressSpace().pageTables().geometry();
    if (range.pageShift() != geometry.pageShift()) {
      throw new IllegalArgumentException(
          range + " has page shift " + range.pageShift() + ", its mm " + geometry.pageShift());
    }
    if (!geometry.isPageAligned(range.start()) || !geometry.isPageAligned(range.end())) {
      throw new IllegalArgumentException(range + " does not begin and end at a page border");
    }
  }

  private static void checkCovered(MmuIntervalNotifier notifier, HmmRange range) {
    if (Long.compareUnsigned(range.start(), notifier.start()) < 0
        || Long.compareUnsigned(range.end() - 1, notifier.last()) > 0) {
      throw new IllegalArgumentException(
          "%s is not covered by its notifier's interval [0x%x, 0x%x]: invalidations would be missed"
              .formatted(range, notifier.start(), notifier.last()));
    }
  }
}

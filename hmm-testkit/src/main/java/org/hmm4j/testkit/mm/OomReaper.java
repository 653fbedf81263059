// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Takes the memory of a process that is to die, without waiting for anybody: {@code
 * oom_reap_task_mm}, {@code __oom_reap_task_mm}, mm/oom_kill.c, Linux 6.1.
 */
final class OomReaper {

  private static final long SKIPPED = VmFlags.HUGETLB | VmFlags.PFNMAP;

  private final MmContext context;
  private final Unmapping unmapping;

  OomReaper(MmContext context, Unmapping unmapping) {
    this.context = context;
    this.unmapping = unmapping;
  }

  /** Returns false if something was left because somebody would have had to wait. */
  boolean reap() {
    if (!context.mmapLock().readTryLock()) {
      return false;
    }
    try {
      context.makeUnstable();
      boolean done = true;
      for (FakeVma vma : context.vmas().array()) {
        if ((vma.flags() & SKIPPED) == 0 && !vma.isShared()) {
          done &= reap(vma);
        }
      }
      return done;
    } finally {
      context.mmapLock().readUnlock();
    }
  }

  private boolean reap(FakeVma vma) {
    MmuNotifierRange range =
        MmuNotifierRange.of(context.mm(), MmuNotifierEvent.UNMAP, vma.start(), vma.end())
            .nonBlockable();
    if (context.notifiers().invalidateRangeStartNonblock(range) != Errno.OK) {
      return false;
    }
    try {
      unmapping.zap(vma, vma.start(), vma.end());
    } finally {
      context.invalidateEnd(range);
    }
    return true;
  }
}

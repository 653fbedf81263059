// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;

/**
 * Makes pages inaccessible to see who uses them: {@code task_numa_work}, kernel/sched/fair.c,
 * {@code change_prot_numa}, mm/mempolicy.c, Linux 6.1.
 */
final class NumaBalancing {

  private static final long SKIPPED =
      VmFlags.IO | VmFlags.PFNMAP | VmFlags.MIXEDMAP | VmFlags.HUGETLB;

  private final MmContext context;
  private final ProtectionChange protectionChange;

  NumaBalancing(MmContext context, ProtectionChange protectionChange) {
    this.context = context;
    this.protectionChange = protectionChange;
  }

  /** Returns false if the mmap lock was not free. */
  boolean hint(long start, long end) {
    if (!context.mmapLock().readTryLock()) {
      return false;
    }
    try {
      for (FakeVma vma : context.vmas().array()) {
        long from = Math.max(start, vma.start());
        long to = Math.min(end, vma.end());
        if (from < to && isScanned(vma)) {
          protectionChange.change(vma, from, to, new Hinting(vma));
        }
      }
      return true;
    } finally {
      context.mmapLock().readUnlock();
    }
  }

  /** Read-only mappings of files are likely to be libraries, which everybody uses. */
  private static boolean isScanned(FakeVma vma) {
    return (vma.flags() & SKIPPED) == 0
        && !vma.isDax()
        && vma.isAccessible()
        && (vma.file() == null || vma.isWritable());
  }

  /** The parts of changes with {@code MM_CP_PROT_NUMA}. */
  private final class Hinting implements ProtectionChange.EntryChange {

    private final FakeVma vma;

    Hinting(FakeVma vma) {
      this.vma = vma;
    }

    /** {@code change_pte_range}. */
    @Override
    public long pte(long entry) {
      if (!Pte.isPresent(entry)) {
        return ProtectionChange.notPresent(entry);
      }
      Page page = context.normalPage(entry);
      boolean counts =
          page != null && !page.isZoneDevice() && (vma.isShared() || page.refCount() == 1);
      return counts ? entry | Pte.PROTNONE : entry;
    }

    /** {@code change_huge_pmd}: who else has the page does not matter here. */
    @Override
    public long pmd(long entry) {
      if (!Pte.isPresent(entry)) {
        return ProtectionChange.notPresent(entry);
      }
      return context.isHugeZero(entry) ? entry : entry | Pte.PROTNONE;
    }
  }
}

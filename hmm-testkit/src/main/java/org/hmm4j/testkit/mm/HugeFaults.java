// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;

/**
 * Faults at the second level: the upper half of {@code __handle_mm_fault}, mm/memory.c, {@code
 * do_huge_pmd_anonymous_page}, {@code do_huge_pmd_wp_page}, mm/huge_memory.c, Linux 6.1. Context:
 * mmap lock held for read; the upper tables are there.
 */
final class HugeFaults {

  /** Nothing was done at this level: {@code VM_FAULT_FALLBACK}. No bit of {@link VmFault}. */
  static final int FALLBACK = 1 << 30;

  /** {@code VM_NO_KHUGEPAGED}. */
  private static final long NEVER_HUGE =
      VmFlags.IO | VmFlags.PFNMAP | VmFlags.MIXEDMAP | VmFlags.HUGETLB;

  private final MmContext context;
  private final AnonVmaPreparation preparation;
  private final NumaFaults numaFaults;
  private final DaxFaults daxFaults;
  private final HugeCopyOnWrite copyOnWrite;

  HugeFaults(
      MmContext context,
      AnonVmaPreparation preparation,
      NumaFaults numaFaults,
      DaxFaults daxFaults) {
    this.context = context;
    this.preparation = preparation;
    this.numaFaults = numaFaults;
    this.daxFaults = daxFaults;
    this.copyOnWrite = new HugeCopyOnWrite(context);
  }

  /** Returns {@link #FALLBACK} if the fault is one of a pte. */
  int serve(FakeVma vma, long address, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0;
    PmdSlot slot = context.tables().pmdSlot(address);
    if (slot == null) {
      // Another task was first: pud_trans_unstable.
      return 0;
    }
    long entry = slot.get();
    if (entry == Pte.NONE && vma.isDax()) {
      return daxFaults.servePmd(vma, address, write);
    } else if (entry == Pte.NONE) {
      return isEligible(vma) ? create(vma, address, write) : FALLBACK;
    } else if (entry == Pte.TABLE) {
      return FALLBACK;
    } else if (EntryCorruption.isCorrupt(entry)) {
      return VmFault.SIGBUS;
    } else if (!Pte.isPresent(entry)) {
      context.tables().migrationEntryWait(address);
      return 0;
    } else if ((entry & Pte.PROTNONE) != 0 && vma.isAccessible()) {
      return numaFaults.serveHuge(vma, address, slot, entry);
    } else if ((flags & (FaultFlags.WRITE | FaultFlags.UNSHARE)) != 0 && !Pte.isWritable(entry)) {
      return copyOnWrite.serve(vma, address, slot, entry, write);
    }
    touch(slot, entry, write);
    return 0;
  }

  /** {@code hugepage_vma_check} in a page fault. */
  private boolean isEligible(FakeVma vma) {
    if ((vma.flags() & VmFlags.NOHUGEPAGE) != 0 || context.isHugePageDisabled()) {
      return false;
    }
    return (vma.flags() & NEVER_HUGE) == 0
        && context.memory().huge().transparent().allow((vma.flags() & VmFlags.HUGEPAGE) != 0)
        && vma.isAnonymous();
  }

  /** {@code create_huge_pmd} of anonymous memory. */
  private int create(FakeVma vma, long address, boolean write) {
    PmdSplitting pmds = context.pmdSplitting();
    long start = pmds.pmdStart(address);
    if (start < vma.start() || start + pmds.pmdSize() > vma.end()) {
      return FALLBACK;
    }
    preparation.prepare(vma);
    return write ? createPage(vma, start) : createZero(vma, start);
  }

  private int createZero(FakeVma vma, long start) {
    CompoundPage zero = context.memory().huge().zero(context.geometry().pmdOrder());
    if (zero == null) {
      return FALLBACK;
    }
    long entry = Pte.present(zero.head().pfn(), Pte.HUGE | PageProtection.of(vma));
    return fill(vma, start, entry, null);
  }

  /** {@code __do_huge_pmd_anonymous_page}. */
  private int createPage(FakeVma vma, long start) {
    CompoundPage huge = context.memory().huge().allocate(context.geometry().pmdOrder());
    if (huge == null) {
      return FALLBACK;
    }
    long entry = PageProtection.entry(huge.head(), vma) | Pte.HUGE;
    return fill(vma, start, PageProtection.written(entry, vma), huge);
  }

  /** Fills the pmd if it is still empty. With a page, the entry takes over its reference. */
  private int fill(FakeVma vma, long start, long entry, CompoundPage huge) {
    LeafTable deposit = context.tables().newLeaf(start);
    PmdSlot slot = context.tables().pmdSlot(start);
    boolean filled = false;
    slot.lock().lock();
    try {
      boolean empty = slot.get() == Pte.NONE;
      if (empty && context.isUnstable()) {
        return VmFault.SIGBUS;
      }
      if (empty) {
        if (huge != null) {
          huge.addAnonMapping(vma.anonVma(), vma.pageOffset(start), true);
        }
        slot.fill(entry, deposit);
        context.rss().setHuge(entry);
        filled = true;
      }
    } finally {
      slot.lock().unlock();
      if (!filled && huge != null) {
        context.memory().put(huge.head());
      }
    }
    return 0;
  }

  /** Another task was first, or the rights were there already: {@code huge_pmd_set_accessed}. */
  private static void touch(PmdSlot slot, long entry, boolean write) {
    if (write) {
      slot.lock().lock();
      if (slot.get() == entry) {
        slot.change(entry | Pte.DIRTY);
      }
      slot.lock().unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;

/**
 * Faults of a DAX device, which maps its memory by entries of one size: {@code dev_dax_huge_fault},
 * drivers/dax/device.c, with {@code vmf_insert_pfn_pmd} and {@code vmf_insert_pfn_pud},
 * mm/huge_memory.c, Linux 6.1. The entries hold no reference. Context: mmap lock held for read.
 */
final class DaxFaults {

  private final MmContext context;

  DaxFaults(MmContext context) {
    this.context = context;
  }

  /**
   * The third level of {@code __handle_mm_fault}, mm/memory.c. Returns {@link HugeFaults#FALLBACK}
   * if the fault is one of a lower level. An entry that was {@link EntryCorruption corrupted} is
   * SIGBUS, where the kernel would fault for ever.
   */
  int servePud(FakeVma vma, long address, int flags) {
    UpperTables tables = context.tables().upper();
    boolean mayCreate = isEligible(vma) && vma.device().order() == context.geometry().pudOrder();
    long seen = tables.pud(address);
    if (seen == Pte.TABLE || (seen == Pte.NONE && !mayCreate)) {
      // The lock is only for huge entries, as in the kernel.
      return HugeFaults.FALLBACK;
    }
    tables.allocatePuds(address);
    tables.lock().lock();
    try {
      long pud = tables.pud(address);
      if (pud == Pte.NONE && mayCreate) {
        return createPud(vma, address, flags);
      } else if (pud == Pte.NONE || pud == Pte.TABLE) {
        return HugeFaults.FALLBACK;
      } else if (!Pte.isPresent(pud)) {
        return VmFault.SIGBUS;
      }
      setPud(vma, address, pud, flags);
      return 0;
    } finally {
      tables.lock().unlock();
    }
  }

  /** {@code __dev_dax_pud_fault}. */
  private int createPud(FakeVma vma, long address, int flags) {
    int order = context.geometry().pudOrder();
    if (isBeyond(vma, address, order)) {
      return VmFault.SIGBUS;
    }
    setPud(vma, address, entry(vma, address, order), flags);
    return 0;
  }

  private void setPud(FakeVma vma, long address, long entry, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0;
    context.tables().upper().setPud(address, write ? PageProtection.written(entry, vma) : entry);
  }

  /** {@code __dev_dax_pmd_fault}: the pmd is filled if it is still empty. */
  int servePmd(FakeVma vma, long address, boolean write) {
    int order = context.geometry().pmdOrder();
    if (!isEligible(vma) || vma.device().order() != order || isBeyond(vma, address, order)) {
      return VmFault.SIGBUS;
    }
    PmdSlot slot = context.tables().pmdSlot(address);
    slot.lock().lock();
    try {
      if (slot.get() == Pte.NONE) {
        long entry = entry(vma, address, order);
        slot.fill(write ? PageProtection.written(entry, vma) : entry, null);
      }
    } finally {
      slot.lock().unlock();
    }
    return 0;
  }

  /** {@code hugepage_vma_check} of a DAX mapping in a page fault. */
  private boolean isEligible(FakeVma vma) {
    return vma.isDax() && (vma.flags() & VmFlags.NOHUGEPAGE) == 0 && !context.isHugePageDisabled();
  }

  /** Whether the entry would reach beyond the VMA or the device. */
  private boolean isBeyond(FakeVma vma, long address, int order) {
    long start = start(address, order);
    long end = start + size(order);
    return start < vma.start() || end > vma.end() || vma.pageOffset(end) > vma.device().pages();
  }

  /** {@code insert_pfn_pud}: DEVMAP with {@code PFN_MAP}, otherwise a frame without a page. */
  private long entry(FakeVma vma, long address, int order) {
    long kind = (vma.flags() & VmFlags.MIXEDMAP) == 0 ? Pte.DEVMAP : Pte.SPECIAL;
    long pfn = vma.device().pfn((int) vma.pageOffset(start(address, order)));
    return Pte.present(pfn, Pte.HUGE | kind | PageProtection.of(vma));
  }

  private long start(long address, int order) {
    return address & -size(order);
  }

  private long size(int order) {
    return context.geometry().pageSize() << order;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;

/**
 * Write faults on read-only huge entries: {@code wp_huge_pmd}, {@code do_huge_pmd_wp_page},
 * mm/huge_memory.c, Linux 6.1. A huge page is never copied as a whole: its pmd is split, and the
 * fault goes on with the pte. Context: mmap lock held for read.
 */
final class HugeCopyOnWrite {

  private final MmContext context;

  HugeCopyOnWrite(MmContext context) {
    this.context = context;
  }

  /**
   * Makes the page writable where it is, if it is written to and belongs to the process alone.
   *
   * @param write false for a fault that only wants the page to belong to the process alone: {@code
   *     FAULT_FLAG_UNSHARE}
   */
  int serve(FakeVma vma, long address, PmdSlot slot, long entry, boolean write) {
    if (vma.isAnonymous() && !context.isHugeZero(entry)) {
      Page head = context.memory().page(Pte.pfn(entry));
      slot.lock().lock();
      try {
        if (slot.get() != entry) {
          return 0;
        }
        if (head.isAnonExclusive()) {
          slot.change(reused(vma, entry, write));
          return 0;
        }
        head.get();
      } finally {
        slot.lock().unlock();
      }
      if (tryReuse(vma, slot, entry, head, write)) {
        return 0;
      }
    }
    context.pmdSplitting().split(vma, address);
    return HugeFaults.FALLBACK;
  }

  /**
   * Makes the page the process' own if nobody else has it. Takes over a reference. Returns false if
   * the page has to be copied.
   */
  private boolean tryReuse(FakeVma vma, PmdSlot slot, long entry, Page head, boolean write) {
    PhysicalMemory memory = context.memory();
    memory.lockPage(head);
    slot.lock().lock();
    try {
      if (slot.get() != entry) {
        return true;
      }
      boolean alone = head.isAnonExclusive() || head.refCount() == 2;
      if (alone) {
        head.moveAnonRmap(vma.anonVma());
        slot.change(reused(vma, entry, write));
      }
      return alone;
    } finally {
      slot.lock().unlock();
      memory.unlockPage(head);
      memory.put(head);
    }
  }

  private static long reused(FakeVma vma, long entry, boolean write) {
    return write ? PageProtection.written(entry, vma) : entry;
  }
}

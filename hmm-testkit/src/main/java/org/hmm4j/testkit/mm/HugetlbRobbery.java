// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Takes a huge page from child processes, when the parent, which reserved it, writes to it and none
 * is free for a copy: {@code unmap_ref_private}, mm/hugetlb.c, Linux 6.1.
 */
final class HugetlbRobbery {

  private final MmContext owner;

  HugetlbRobbery(MmContext owner) {
    this.owner = owner;
  }

  /** Context: mmap lock of the owner held for read; the caller has a reference; may sleep. */
  void takeFromChildren(Page page) {
    owner
        .reverseMap()
        .walk(
            page,
            (mm, vma, address) -> {
              if (!vma.hugetlb().isOwner()) {
                take(mm, vma, address, page);
              }
              return true;
            },
            () -> false);
  }

  /** Faults there are SIGBUS from then on: what was written is lost. */
  private static void take(MmContext mm, FakeVma vma, long address, Page page) {
    long end = vma.endOf(page);
    MmuNotifierRange range = mm.invalidateStart(MmuNotifierEvent.UNMAP, address, end);
    try {
      PmdSlot slot = mm.tables().lockHuge(address);
      if (slot == null) {
        return;
      }
      try {
        long entry = slot.get();
        if (Pte.pfn(entry) == page.pfn()) {
          slot.clear();
          mm.unmapHugeEntry(entry);
          vma.hugetlb().rob();
        }
      } finally {
        slot.lock().unlock();
      }
    } finally {
      mm.invalidateEnd(range);
    }
  }
}

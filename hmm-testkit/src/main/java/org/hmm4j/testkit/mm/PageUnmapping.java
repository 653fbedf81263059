// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Takes a page out of all page tables: {@code try_to_unmap}, {@code try_to_migrate}, mm/rmap.c,
 * Linux 6.1. Context: the caller has a reference to the page and its lock; may sleep.
 */
final class PageUnmapping {

  private final ReverseMap reverseMap;

  PageUnmapping(ReverseMap reverseMap) {
    this.reverseMap = reverseMap;
  }

  /** What comes in the place of an entry. */
  interface Replacement {

    /**
     * Called under the lock of the entry.
     *
     * @param page the page that it maps; of a huge page the part, for a huge entry the head
     * @param entry the entry
     * @return the new entry; the entry itself if it has to stay, which ends the walk
     */
    long of(Page page, long entry);
  }

  /**
   * Unmaps a page wherever the reverse map finds it; whether that was everywhere, its map count
   * tells. Each VMA that may map it gets an invalidation of its own, also if it does not.
   *
   * @param page the page; of a huge page the head
   * @param replacement asked for each entry; for huge ones only if the page is huge
   */
  void unmap(Page page, Replacement replacement) {
    reverseMap.walk(
        page,
        (mm, vma, address) -> unmapOne(mm, vma, address, page, replacement),
        () -> page.totalMapCount() == 0);
  }

  /**
   * {@code try_to_unmap_one}, {@code try_to_migrate_one}. Returns false if an entry has to stay.
   *
   * @param address where the VMA may map the page, or the first part of it that it may map
   */
  boolean unmapOne(MmContext mm, FakeVma vma, long address, Page page, Replacement replacement) {
    long end = vma.endOf(page);
    MmuNotifierRange range = mm.invalidateStart(MmuNotifierEvent.CLEAR, address, end);
    try {
      PmdSlot huge = page.compound() == null ? null : mm.tables().lockHuge(address);
      if (huge != null) {
        try {
          return exchangeHuge(mm, huge, page, replacement);
        } finally {
          huge.lock().unlock();
        }
      }
      return unmapParts(mm, address, end, page, replacement);
    } finally {
      mm.invalidateEnd(range);
    }
  }

  private static boolean unmapParts(
      MmContext mm, long start, long end, Page page, Replacement replacement) {
    boolean all = true;
    for (long at = start; at < end && all; at += mm.geometry().pageSize()) {
      LeafTable leaf = mm.tables().leaf(at);
      all = leaf == null || exchange(mm, leaf, mm.geometry().pteIndex(at), page, replacement);
    }
    return all;
  }

  private static boolean exchange(
      MmContext mm, LeafTable leaf, int index, Page page, Replacement replacement) {
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      Page part = mapped(mm, entry);
      if (part == null || part.head() != page) {
        return true;
      }
      long replaced = replacement.of(part, entry);
      if (replaced == entry) {
        return false;
      }
      leaf.set(index, replaced);
      mm.rss().cleared(entry);
      mm.rss().set(replaced);
      part.removeMapping();
      mm.memory().put(part);
      return true;
    } finally {
      leaf.lock().unlock();
    }
  }

  /** {@code set_pmd_migration_entry}, mm/huge_memory.c. */
  private static boolean exchangeHuge(
      MmContext mm, PmdSlot slot, Page head, Replacement replacement) {
    long entry = slot.get();
    if (!Pte.isPresent(entry) || Pte.pfn(entry) != head.pfn()) {
      return true;
    }
    long replaced = replacement.of(head, entry);
    if (replaced == entry) {
      return false;
    }
    slot.change(replaced);
    head.compound().removeMapping();
    mm.memory().put(head);
    return true;
  }

  /** {@code check_pte}, mm/page_vma_mapped.c: also a page that the CPU can't access. */
  private static Page mapped(MmContext mm, long entry) {
    if (Pte.isPresent(entry)) {
      return mm.normalPage(entry);
    }
    return Pte.kind(entry) == Pte.DEVICE_PRIVATE ? mm.memory().page(Pte.pfn(entry)) : null;
  }
}

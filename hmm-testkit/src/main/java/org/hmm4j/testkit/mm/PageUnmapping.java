// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.function.LongUnaryOperator;
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

  /**
   * Unmaps a page wherever the reverse map finds it; whether that was everywhere, its map count
   * tells. Each VMA that may map it gets an invalidation of its own, also if it does not.
   *
   * @param replacement tells what comes in the place of an entry, the entry itself if it has to
   *     stay, which ends the walk; called under the lock of its table
   */
  void unmap(Page page, LongUnaryOperator replacement) {
    reverseMap.walk(
        page,
        (mm, vma, address) -> unmapOne(mm, address, page, replacement),
        () -> page.mapCount() == 0);
  }

  /** {@code try_to_unmap_one}, {@code try_to_migrate_one}. */
  private static boolean unmapOne(
      MmContext mm, long address, Page page, LongUnaryOperator replacement) {
    long end = address + mm.geometry().pageSize();
    MmuNotifierRange range = mm.invalidateStart(MmuNotifierEvent.CLEAR, address, end);
    try {
      LeafTable leaf = mm.tables().leaf(address);
      return leaf == null || exchange(mm, leaf, mm.geometry().pteIndex(address), page, replacement);
    } finally {
      mm.invalidateEnd(range);
    }
  }

  private static boolean exchange(
      MmContext mm, LeafTable leaf, int index, Page page, LongUnaryOperator replacement) {
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      if (!maps(mm, entry, page)) {
        return true;
      }
      long replaced = replacement.applyAsLong(entry);
      if (replaced == entry) {
        return false;
      }
      leaf.set(index, replaced);
      page.removeMapping();
      mm.memory().put(page);
      return true;
    } finally {
      leaf.lock().unlock();
    }
  }

  /** {@code check_pte}, mm/page_vma_mapped.c: also a page that the CPU can't access. */
  private static boolean maps(MmContext mm, long entry, Page page) {
    return Pte.isPresent(entry)
        ? mm.normalPage(entry) == page
        : Pte.kind(entry) == Pte.DEVICE_PRIVATE && Pte.pfn(entry) == page.pfn();
  }
}

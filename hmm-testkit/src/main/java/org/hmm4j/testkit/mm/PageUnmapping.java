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

  private final MmContext context;

  PageUnmapping(MmContext context) {
    this.context = context;
  }

  /**
   * Unmaps a page wherever the reverse map finds it; whether that was everywhere, its map count
   * tells. Each VMA that may map it gets an invalidation of its own, also if it does not.
   *
   * @param replacement tells what comes in the place of an entry; called under the lock of its
   *     table
   */
  void unmap(Page page, LongUnaryOperator replacement) {
    context
        .reverseMap()
        .walk(
            page,
            (vma, address) -> unmapOne(address, page, replacement),
            () -> page.mapCount() == 0);
  }

  /** {@code try_to_unmap_one}, {@code try_to_migrate_one}. */
  private void unmapOne(long address, Page page, LongUnaryOperator replacement) {
    long end = address + context.geometry().pageSize();
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, address, end);
    try {
      LeafTable leaf = context.tables().leaf(address);
      if (leaf != null) {
        exchange(leaf, context.geometry().pteIndex(address), page, replacement);
      }
    } finally {
      context.invalidateEnd(range);
    }
  }

  private void exchange(LeafTable leaf, int index, Page page, LongUnaryOperator replacement) {
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      if (Pte.isPresent(entry) && context.normalPage(entry) == page) {
        leaf.set(index, replacement.applyAsLong(entry));
        page.removeMapping();
        context.memory().put(page);
      }
    } finally {
      leaf.lock().unlock();
    }
  }
}

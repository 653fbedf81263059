// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Takes huge entries of the third level away. They map only memory of devices, which faults bring
 * back: nothing is left of one that is split. mm/huge_memory.c, mm/memory.c, Linux 6.1.
 */
final class PudSplitting {

  private final MmContext context;
  private final UpperTables tables;

  PudSplitting(MmContext context, UpperTables tables) {
    this.context = context;
    this.tables = tables;
  }

  /**
   * Empties the pud of an address, and tells the notifiers of all that it maps, also if it is not
   * huge (any more): {@code __split_huge_pud}. Context: mmap lock held; may sleep.
   */
  void split(long address) {
    long start = address & -size();
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, start, start + size());
    try {
      clear(address);
    } finally {
      context.invalidateEnd(range);
    }
  }

  /** {@code zap_pud_range}: a huge entry that is to go in part goes as a whole. */
  void zap(long start, long end) {
    long next;
    for (long at = tables.firstHuge(start, end); at < end; at = tables.firstHuge(next, end)) {
      next = Math.min((at & -size()) + size(), end);
      if (next - at == size()) {
        clear(at);
      } else {
        split(at);
      }
    }
  }

  /**
   * What {@code change_pud_range} of mm/mprotect.c makes of huge entries: it takes them for corrupt
   * and empties them ({@code pud_none_or_clear_bad}). No notifier is told: a bug of 6.1.
   */
  void clearBad(long start, long end) {
    for (long at = tables.firstHuge(start, end); at < end; at = tables.firstHuge(at, end)) {
      clear(at);
    }
  }

  private void clear(long address) {
    tables.lock().lock();
    try {
      long pud = tables.pud(address);
      if (pud != Pte.NONE && pud != Pte.TABLE) {
        tables.setPud(address, Pte.NONE);
      }
    } finally {
      tables.lock().unlock();
    }
  }

  private long size() {
    return 1L << context.geometry().pudShift();
  }
}

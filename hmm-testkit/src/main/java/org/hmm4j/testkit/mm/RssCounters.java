// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicLongArray;
import org.hmm4j.mm.Pte;

/**
 * How many pages of each kind a process has: {@code mm->rss_stat}, include/linux/mm_types_task.h,
 * Linux 6.1. A page counts once for each entry that has it. A page on a device, one that a device
 * has to itself, and one on its way elsewhere count as before; the zero page, raw frames, bad pages
 * and those of hugetlb do not. Context: any; the lock of the table of the entry is held.
 */
final class RssCounters {

  private static final int SWAP = Rss.Kind.MM_SWAPENTS.ordinal();

  private final MmContext context;
  private final AtomicLongArray counters = new AtomicLongArray(Rss.Kind.values().length);

  RssCounters(MmContext context) {
    this.context = context;
  }

  /** An entry was set: {@code inc_mm_counter}. */
  void set(long entry) {
    count(entry, 1);
  }

  /** An entry was cleared, but still has its page: {@code dec_mm_counter}. */
  void cleared(long entry) {
    count(entry, -1);
  }

  private void count(long entry, int by) {
    if (!Pte.isPresent(entry) && Pte.kind(entry) == Pte.SWAP) {
      counters.addAndGet(SWAP, by);
    } else {
      count(page(entry), by);
    }
  }

  /** A huge entry was set: {@code add_mm_counter} with {@code HPAGE_PMD_NR}. */
  void setHuge(long entry) {
    count(page(entry), context.geometry().ptesPerTable());
  }

  /** A huge entry was cleared, but still has its page. */
  void clearedHuge(long entry) {
    count(page(entry), -context.geometry().ptesPerTable());
  }

  /** {@code pfn_swap_entry_to_page} for what is not present; null for what does not count. */
  private Page page(long entry) {
    if (Pte.isPresent(entry)) {
      return context.normalPage(entry);
    }
    long kind = Pte.kind(entry);
    boolean counts =
        kind == Pte.MIGRATION || kind == Pte.DEVICE_PRIVATE || kind == Pte.DEVICE_EXCLUSIVE;
    return entry != Pte.NONE && counts ? context.memory().page(Pte.pfn(entry)) : null;
  }

  private void count(Page page, int by) {
    if (page != null && !CompoundPage.isHugetlb(page)) {
      counters.addAndGet(kind(page).ordinal(), by);
    }
  }

  /** {@code mm_counter}: files are on tmpfs, so what belongs to none is a driver's. */
  private static Rss.Kind kind(Page page) {
    if (page.isAnonymous()) {
      return Rss.Kind.MM_ANONPAGES;
    }
    return page.mapping() instanceof FakeFile ? Rss.Kind.MM_SHMEMPAGES : Rss.Kind.MM_FILEPAGES;
  }

  Rss read() {
    return new Rss(
        counters.get(Rss.Kind.MM_FILEPAGES.ordinal()),
        counters.get(Rss.Kind.MM_ANONPAGES.ordinal()),
        counters.get(SWAP),
        counters.get(Rss.Kind.MM_SHMEMPAGES.ordinal()));
  }

  /** Nobody has the address space any more: {@code check_mm}, kernel/fork.c. */
  void check() {
    for (Rss.Kind kind : Rss.Kind.values()) {
      long left = counters.get(kind.ordinal());
      if (left != 0) {
        context.kernel().warn("Bad rss-counter state, type " + kind + ", value " + left);
      }
    }
  }
}

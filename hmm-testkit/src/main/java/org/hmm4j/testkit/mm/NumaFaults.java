// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.function.LongPredicate;
import org.hmm4j.mm.Pte;

/**
 * Faults on entries that NUMA balancing made inaccessible: {@code do_numa_page}, mm/memory.c, Linux
 * 6.1. Context: mmap lock held for read.
 */
final class NumaFaults {

  private final MmContext context;
  private final MigrationStart migration;
  private volatile LongPredicate misplaced = address -> false;

  NumaFaults(MmContext context, MigrationStart migration) {
    this.context = context;
    this.migration = migration;
  }

  /** {@code mpol_misplaced}. */
  void misplaced(LongPredicate misplaced) {
    this.misplaced = Objects.requireNonNull(misplaced, "misplaced");
  }

  /** Moves the page if it is misplaced; otherwise, or if that fails, makes the entry normal. */
  int serve(FakeVma vma, long address, LeafTable leaf, long entry) {
    int index = context.geometry().pteIndex(address);
    boolean move = misplaced.test(address);
    Page page;
    leaf.lock().lock();
    try {
      page = leaf.get(index) == entry && move ? context.normalPage(entry) : null;
      if (page == null || page.mapping() == null) {
        makeNormal(vma, leaf, index, entry);
        return 0;
      }
      page.get();
    } finally {
      leaf.lock().unlock();
    }
    if (!migration.migrate(page, false)) {
      leaf.lock().lock();
      makeNormal(vma, leaf, index, entry);
      leaf.lock().unlock();
    }
    return 0;
  }

  /** {@code do_huge_pmd_numa_page}, mm/huge_memory.c. */
  int serveHuge(FakeVma vma, long address, PmdSlot slot, long entry) {
    boolean move = misplaced.test(address);
    Page page;
    slot.lock().lock();
    try {
      if (slot.get() != entry) {
        return 0;
      }
      if (!move || context.isHugeZero(entry)) {
        slot.change(normal(vma, entry));
        return 0;
      }
      page = context.memory().page(Pte.pfn(entry));
      page.get();
    } finally {
      slot.lock().unlock();
    }
    if (!migration.migrate(page, false)) {
      slot.lock().lock();
      if (slot.get() == entry) {
        slot.change(normal(vma, entry));
      }
      slot.lock().unlock();
    }
    return 0;
  }

  private static long normal(FakeVma vma, long entry) {
    return (entry & ~Pte.PROTNONE) | PageProtection.of(vma);
  }

  /** The entry remembers that it was writable: {@code pte_savedwrite}. */
  private static void makeNormal(FakeVma vma, LeafTable leaf, int index, long entry) {
    if (leaf.get(index) == entry) {
      leaf.set(index, normal(vma, entry));
    }
  }
}

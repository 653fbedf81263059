// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.Vma;

/**
 * The page tables of an address space: a radix tree of four levels. Tables are made on demand and
 * taken away by {@link PageTableRelease}; the memory for them never runs out. Readers need no lock
 * and cause no allocation.
 *
 * <p>A table of the two upper levels is an array of the tables below, null where the entry is none.
 */
final class PageTableTree implements PageTables {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final MmContext context;
  private final PageTableGeometry geometry;
  private final int pudsPerTable;
  private final int pmdsPerTable;

  /** The top level: {@code mm->pgd}. */
  @GuardedBy("mm->page_table_lock to write, here and in the tables of the third level")
  private final Object[] pgd;

  PageTableTree(MmContext context, PageTableGeometry geometry) {
    this.context = context;
    this.geometry = geometry;
    this.pgd = new Object[1 << (geometry.addressBits() - geometry.pgdShift())];
    this.pudsPerTable = 1 << (geometry.pgdShift() - geometry.pudShift());
    this.pmdsPerTable = 1 << (geometry.pudShift() - geometry.pmdShift());
  }

  @Override
  public PageTableGeometry geometry() {
    return geometry;
  }

  @Override
  public long pgd(long address) {
    return pudTable(address) == null ? Pte.NONE : Pte.TABLE;
  }

  @Override
  public long pud(long address) {
    return pmdTable(address) == null ? Pte.NONE : Pte.TABLE;
  }

  @Override
  public long pmd(long address) {
    PmdSlot slot = pmdSlot(address);
    return slot == null ? Pte.NONE : slot.get();
  }

  @Override
  public long[] ptes(long address) {
    LeafTable leaf = leaf(address);
    return leaf == null ? null : leaf.entries();
  }

  /**
   * {@code migration_entry_wait}, {@code pmd_migration_entry_wait}, mm/migrate.c: waits for the
   * page lock, without a reference.
   */
  @Override
  public void migrationEntryWait(long address) {
    context.kernel().context().mightSleep();
    SpinLock lock = lockEntry(address);
    if (lock == null) {
      return;
    }
    long entry = pte(address);
    lock.unlock();
    if (!Pte.isPresent(entry) && Pte.kind(entry) == Pte.MIGRATION) {
      context.memory().waitUnlocked(context.memory().page(Pte.pfn(entry)));
    }
  }

  /** {@code huge_pte_offset}, mm/hugetlb.c: huge pages are as large as a pmd. */
  @Override
  public long hugetlb(Vma vma, long address) {
    PmdSlot slot = pmdSlot(address);
    return slot == null ? Pte.NO_TABLE : slot.get();
  }

  @Override
  public int hugetlbShift(Vma vma) {
    return geometry.pmdShift();
  }

  @Override
  public Object devicePrivateOwner(long pfn) {
    return context.memory().frames().pagemap(pfn).owner();
  }

  /** Takes the lock over the entry of an address, of either size; null if there is no table. */
  SpinLock lockEntry(long address) {
    while (true) {
      LeafTable leaf = lockLeaf(address);
      if (leaf != null) {
        return leaf.lock();
      }
      PmdSlot huge = lockHuge(address);
      if (huge != null) {
        return huge.lock();
      }
      if (pmd(address) == Pte.NONE) {
        return null;
      }
    }
  }

  /**
   * Returns the entry of an address, none if there is no table for it. A huge entry is shown as the
   * entry of the one page.
   */
  long pte(long address) {
    PmdSlot slot = pmdSlot(address);
    if (slot == null) {
      return Pte.NONE;
    }
    LeafTable leaf = slot.leaf();
    if (leaf != null) {
      return leaf.get(geometry.pteIndex(address));
    }
    long entry = slot.get();
    return entry == Pte.NONE ? entry : entry + geometry.pteIndex(address);
  }

  /** The CPU sets the bit of a present entry, of either size. Context: its lock held. */
  void makeDirty(long address) {
    PmdSlot slot = pmdSlot(address);
    LeafTable leaf = slot.leaf();
    if (leaf == null) {
      slot.change(slot.get() | Pte.DIRTY);
    } else {
      int index = geometry.pteIndex(address);
      leaf.set(index, leaf.get(index) | Pte.DIRTY);
    }
  }

  /** Returns the place of the pmd of an address: {@code mm_find_pmd}, mm/rmap.c; null if none. */
  PmdSlot pmdSlot(long address) {
    PmdTable pmds = pmdTable(address);
    return pmds == null ? null : new PmdSlot(pmds, pmdIndex(address));
  }

  /**
   * Locks the pmd of an address if it is a leaf, otherwise returns null: {@code
   * pmd_trans_huge_lock}, include/linux/huge_mm.h.
   */
  PmdSlot lockHuge(long address) {
    PmdSlot slot = pmdSlot(address);
    if (slot == null || !slot.isHuge()) {
      return null;
    }
    slot.lock().lock();
    if (slot.isHuge()) {
      return slot;
    }
    slot.lock().unlock();
    return null;
  }

  /** Returns the leaf table of an address, or null. */
  LeafTable leaf(long address) {
    PmdSlot slot = pmdSlot(address);
    return slot == null ? null : slot.leaf();
  }

  /**
   * Locks the leaf table of an address; null if there is none. A table may move until it is locked.
   */
  LeafTable lockLeaf(long address) {
    while (true) {
      LeafTable leaf = leaf(address);
      if (leaf == null) {
        return null;
      }
      leaf.lock().lock();
      if (leaf(address) == leaf) {
        return leaf;
      }
      leaf.lock().unlock();
    }
  }

  /**
   * Makes the upper tables of an address: {@code pud_alloc}, {@code pmd_alloc}, mm/memory.c.
   * Context, as for all that allocates here: may reclaim if there is something to make.
   */
  void allocateUpper(long address) {
    if (pmdTable(address) == null) {
      context.kernel().context().mightAlloc();
      SpinLock ptlock = context.kernel().spinLock("ptlock_ptr(page)#2");
      PmdTable fresh = new PmdTable(pmdsPerTable, ptlock, EntryTrace.ofPmds(context, address));
      pageTableLock().lock();
      try {
        pmdsOf(address, fresh);
      } finally {
        pageTableLock().unlock();
      }
    }
  }

  /**
   * Makes the tables of an address down to the leaf: {@code pte_alloc}, include/linux/mm.h. Null if
   * a huge entry is there: {@code pmd_trans_unstable}.
   */
  LeafTable allocateLeaf(long address) {
    LeafTable leaf = leaf(address);
    if (leaf != null) {
      return leaf;
    }
    LeafTable fresh = newLeaf(address);
    allocateUpper(address);
    PmdSlot slot = pmdSlot(address);
    slot.lock().lock();
    try {
      if (slot.get() == Pte.NONE) {
        slot.point(fresh);
      }
      return slot.leaf();
    } finally {
      slot.lock().unlock();
    }
  }

  /**
   * Makes a leaf table for an address, that is not there yet: {@code pte_alloc_one}. Context: may
   * reclaim.
   */
  LeafTable newLeaf(long address) {
    context.kernel().context().mightAlloc();
    SpinLock ptlock = context.kernel().spinLock("ptlock_ptr(page)");
    return new LeafTable(geometry.ptesPerTable(), ptlock, EntryTrace.of(context, address));
  }

  /** Calls for each leaf table of a range, with the part of the range that it maps. */
  void forEachLeaf(long start, long end, LeafVisitor visitor) {
    forEachPmd(
        start,
        end,
        (slot, from, to) -> {
          LeafTable leaf = slot.leaf();
          if (leaf != null) {
            visitor.visit(leaf, from, to);
          }
        });
  }

  /** Calls for each pmd of a range that is not empty, with the part of the range that it maps. */
  void forEachPmd(long start, long end, PmdVisitor visitor) {
    long next;
    for (long at = start; at < end; at = next) {
      next = Math.min(skip(at), end);
      PmdSlot slot = pmdSlot(at);
      if (slot != null && slot.get() != Pte.NONE) {
        visitor.visit(slot, at, next);
      }
    }
  }

  /** Returns the first address of a range whose pmd is not empty, or the end of the range. */
  long firstPopulated(long start, long end) {
    long at = start;
    while (at < end && pmd(at) == Pte.NONE) {
      at = Math.min(skip(at), end);
    }
    return at;
  }

  /** Returns where the lowest table entry that exists for an address ends. */
  private long skip(long address) {
    int shift = geometry.pmdShift();
    if (pudTable(address) == null) {
      shift = geometry.pgdShift();
    } else if (pmdTable(address) == null) {
      shift = geometry.pudShift();
    }
    return ((address >>> shift) + 1) << shift;
  }

  /** Is shown leaf tables. */
  interface LeafVisitor {
    void visit(LeafTable leaf, long start, long end);
  }

  /** Is shown entries of the second level. */
  interface PmdVisitor {
    void visit(PmdSlot slot, long start, long end);
  }

  /** Takes a leaf table away: {@code free_pte_range}, mm/memory.c. */
  void clearLeaf(long address) {
    PmdSlot slot = pmdSlot(address);
    if (slot != null) {
      slot.lock().lock();
      slot.clear();
      slot.lock().unlock();
    }
  }

  /** Takes a table of the second level away: the end of {@code free_pmd_range}, mm/memory.c. */
  void clearPmdTable(long address) {
    clear(pudTable(address), pudIndex(address));
  }

  /** Takes a table of the third level away: the end of {@code free_pud_range}, mm/memory.c. */
  void clearPudTable(long address) {
    clear(pgd, pgdIndex(address));
  }

  /** Makes the table of the third level of an address: {@code alloc_new_pud}, mm/mremap.c. */
  void allocatePuds(long address) {
    if (pudTable(address) == null) {
      context.kernel().context().mightAlloc();
      pageTableLock().lock();
      try {
        pudsOf(address);
      } finally {
        pageTableLock().unlock();
      }
    }
  }

  private Object[] pudTable(long address) {
    return (address >>> geometry.addressBits()) != 0
        ? null
        : (Object[]) get(pgd, pgdIndex(address));
  }

  private PmdTable pmdTable(long address) {
    Object[] puds = pudTable(address);
    return puds == null ? null : (PmdTable) get(puds, pudIndex(address));
  }

  /** Finds or makes the table of the third level. */
  private Object[] pudsOf(long address) {
    Object[] puds = (Object[]) get(pgd, pgdIndex(address));
    if (puds == null) {
      puds = new Object[pudsPerTable];
      set(pgd, pgdIndex(address), puds);
    }
    return puds;
  }

  /** Finds or makes the table of the second level. */
  private void pmdsOf(long address, PmdTable fresh) {
    Object[] puds = pudsOf(address);
    if (get(puds, pudIndex(address)) == null) {
      set(puds, pudIndex(address), fresh);
    }
  }

  private void clear(Object[] table, int index) {
    pageTableLock().lock();
    try {
      if (table != null) {
        set(table, index, null);
      }
    } finally {
      pageTableLock().unlock();
    }
  }

  private static Object get(Object[] table, int index) {
    return SLOT.getAcquire(table, index);
  }

  private void set(Object[] table, int index, Object child) {
    pageTableLock().assertHeld();
    SLOT.setRelease(table, index, child);
  }

  private SpinLock pageTableLock() {
    return context.mm().pageTableLock();
  }

  private int pgdIndex(long address) {
    return (int) (address >>> geometry.pgdShift());
  }

  private int pudIndex(long address) {
    return (int) (address >>> geometry.pudShift()) & (pudsPerTable - 1);
  }

  private int pmdIndex(long address) {
    return (int) (address >>> geometry.pmdShift()) & (pmdsPerTable - 1);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;

/**
 * The page tables of an address space: a radix tree of four levels. Tables are made on demand and
 * taken away by {@link PageTableRelease}; the memory for them never runs out. Readers need no lock
 * and cause no allocation.
 *
 * <p>A table of the upper levels is an array of the tables below, null where the entry is none.
 */
final class PageTableTree implements PageTables {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final MmContext context;
  private final PageTableGeometry geometry;
  private final int pudsPerTable;
  private final int pmdsPerTable;

  /** The top level: {@code mm->pgd}. */
  @GuardedBy("mm->page_table_lock to write, at all upper levels")
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
    return leaf(address) == null ? Pte.NONE : Pte.TABLE;
  }

  @Override
  public long[] ptes(long address) {
    LeafTable leaf = leaf(address);
    return leaf == null ? null : leaf.entries();
  }

  /** {@code migration_entry_wait}, mm/migrate.c: waits for the page lock, without a reference. */
  @Override
  public void migrationEntryWait(long address) {
    context.kernel().context().mightSleep();
    LeafTable leaf = lockLeaf(address);
    if (leaf == null) {
      return;
    }
    Page page = null;
    try {
      long entry = leaf.get(geometry.pteIndex(address));
      if (!Pte.isPresent(entry) && Pte.kind(entry) == Pte.MIGRATION) {
        page = context.memory().page(Pte.pfn(entry));
      }
    } finally {
      leaf.lock().unlock();
    }
    if (page != null) {
      context.memory().waitUnlocked(page);
    }
  }

  @Override
  public Object devicePrivateOwner(long pfn) {
    return context.memory().frames().pagemap(pfn).owner();
  }

  /** Returns the entry of an address, none if there is no table for it. */
  long pte(long address) {
    LeafTable leaf = leaf(address);
    return leaf == null ? Pte.NONE : leaf.get(geometry.pteIndex(address));
  }

  /** Returns the leaf table of an address, or null. */
  LeafTable leaf(long address) {
    Object[] pmds = pmdTable(address);
    return pmds == null ? null : (LeafTable) get(pmds, pmdIndex(address));
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
      pageTableLock().lock();
      try {
        pmdsOf(address);
      } finally {
        pageTableLock().unlock();
      }
    }
  }

  /** Makes the tables of an address down to the leaf: {@code pte_alloc}, include/linux/mm.h. */
  LeafTable allocateLeaf(long address) {
    LeafTable leaf = leaf(address);
    if (leaf != null) {
      return leaf;
    }
    context.kernel().context().mightAlloc();
    SpinLock ptlock = context.kernel().spinLock("ptlock_ptr(page)");
    LeafTable fresh =
        new LeafTable(geometry.ptesPerTable(), ptlock, EntryTrace.of(context, address));
    pageTableLock().lock();
    try {
      Object[] pmds = pmdsOf(address);
      leaf = (LeafTable) get(pmds, pmdIndex(address));
      if (leaf == null) {
        leaf = fresh;
        set(pmds, pmdIndex(address), fresh);
      }
      return leaf;
    } finally {
      pageTableLock().unlock();
    }
  }

  /**
   * Moves a whole leaf table to an aligned address: {@code move_normal_pmd}, mm/mremap.c, 6.1.
   * Returns false, with nothing moved, if there is a table already. Under the lock of the leaf, so
   * that who holds that and finds the leaf at its address may rely on it. Context: the upper tables
   * are there; a lock may be held that reclaim takes.
   */
  boolean moveLeaf(LeafTable leaf, long from, long to) {
    pageTableLock().lock();
    try {
      Object[] target = pmdTable(to);
      if (get(target, pmdIndex(to)) != null) {
        return false;
      }
      leaf.lock().lock();
      try {
        set(pmdTable(from), pmdIndex(from), null);
        set(target, pmdIndex(to), leaf);
        leaf.moved(to);
      } finally {
        leaf.lock().unlock();
      }
      return true;
    } finally {
      pageTableLock().unlock();
    }
  }

  /** Calls for each leaf table of a range, with the part of the range that it maps. */
  void forEachLeaf(long start, long end, LeafVisitor visitor) {
    long next;
    for (long at = start; at < end; at = next) {
      next = Math.min(skip(at), end);
      LeafTable leaf = leaf(at);
      if (leaf != null) {
        visitor.visit(leaf, at, next);
      }
    }
  }

  /** Returns the first address of a range that has a leaf table, or the end of the range. */
  long firstLeaf(long start, long end) {
    long at = start;
    while (at < end && leaf(at) == null) {
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

  /** Takes a leaf table away: {@code free_pte_range}, mm/memory.c. */
  void clearLeaf(long address) {
    clear(pmdTable(address), pmdIndex(address));
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

  private Object[] pmdTable(long address) {
    Object[] puds = pudTable(address);
    return puds == null ? null : (Object[]) get(puds, pudIndex(address));
  }

  /** Finds or makes the table of the third level. */
  private Object[] pudsOf(long address) {
    return child(pgd, pgdIndex(address), pudsPerTable);
  }

  /** Finds or makes the table of the second level. */
  private Object[] pmdsOf(long address) {
    return child(pudsOf(address), pudIndex(address), pmdsPerTable);
  }

  private Object[] child(Object[] table, int index, int size) {
    Object[] child = (Object[]) get(table, index);
    if (child == null) {
      child = new Object[size];
      set(table, index, child);
    }
    return child;
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

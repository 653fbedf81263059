// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.Vma;

/**
 * The page tables of an address space: a radix tree of four levels. Tables are made on demand and
 * taken away by {@link PageTableRelease}; the memory for them never runs out. Readers need no lock
 * and cause no allocation.
 */
final class PageTableTree implements PageTables {

  private final MmContext context;
  private final PageTableGeometry geometry;
  private final int pmdsPerTable;
  private final UpperTables upper;
  private final PudSplitting pudSplitting;

  PageTableTree(MmContext context, PageTableGeometry geometry) {
    this.context = context;
    this.geometry = geometry;
    this.upper = new UpperTables(context, geometry);
    this.pudSplitting = new PudSplitting(context, upper);
    this.pmdsPerTable = 1 << (geometry.pudShift() - geometry.pmdShift());
  }

  @Override
  public PageTableGeometry geometry() {
    return geometry;
  }

  @Override
  public long pgd(long address) {
    return upper.hasPuds(address) ? Pte.TABLE : Pte.NONE;
  }

  @Override
  public long pud(long address) {
    return upper.pud(address);
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
  public void splitHugePud(Vma vma, long address) {
    pudSplitting.split(address);
  }

  @Override
  public Object devicePrivateOwner(long pfn) {
    return context.memory().frames().pagemap(pfn).owner();
  }

  UpperTables upper() {
    return upper;
  }

  PudSplitting pudSplitting() {
    return pudSplitting;
  }

  /** Takes the lock over the entry of an address, of any size; null if there is no table. */
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
      if (isHugePud(address)) {
        upper.lock().lock();
        if (isHugePud(address)) {
          return upper.lock();
        }
        upper.lock().unlock();
      } else if (pmd(address) == Pte.NONE) {
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
      long pud = upper.pud(address);
      return isHuge(pud) ? pud + pageWithin(address, geometry.pudShift()) : Pte.NONE;
    }
    LeafTable leaf = slot.leaf();
    if (leaf != null) {
      return leaf.get(geometry.pteIndex(address));
    }
    long entry = slot.get();
    return entry == Pte.NONE ? entry : entry + geometry.pteIndex(address);
  }

  private boolean isHugePud(long address) {
    return isHuge(upper.pud(address));
  }

  private static boolean isHuge(long pud) {
    return pud != Pte.NONE && pud != Pte.TABLE;
  }

  private long pageWithin(long address, int shift) {
    return (address & ((1L << shift) - 1)) >>> geometry.pageShift();
  }

  /** The CPU sets the bit of a present entry, of any size. Context: its lock held. */
  void makeDirty(long address) {
    PmdSlot slot = pmdSlot(address);
    if (slot == null) {
      upper.setPud(address, upper.pud(address) | Pte.DIRTY);
      return;
    }
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
    PmdTable pmds = upper.pmds(address);
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
    if (upper.pud(address) == Pte.NONE) {
      context.kernel().context().mightAlloc();
      SpinLock ptlock = context.kernel().spinLock("ptlock_ptr(page)#2");
      PmdTable fresh = new PmdTable(pmdsPerTable, ptlock, EntryTrace.ofPmds(context, address));
      upper.populate(address, fresh);
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
    if (!upper.hasPuds(address)) {
      shift = geometry.pgdShift();
    } else if (upper.pmds(address) == null) {
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

  private int pmdIndex(long address) {
    return (int) (address >>> geometry.pmdShift()) & (pmdsPerTable - 1);
  }
}

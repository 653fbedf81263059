// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;

/**
 * The two upper levels of the page tables. A table is an array; an entry of the top level is null
 * or a table of the third level, one of the third level is null, a {@link PmdTable} or a {@link
 * HugePud}. The lock over both is {@code mm->page_table_lock}: {@code pud_lockptr},
 * include/linux/mm.h, Linux 6.1.
 */
final class UpperTables {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final MmContext context;
  private final PageTableGeometry geometry;
  private final int pudsPerTable;

  /** The top level: {@code mm->pgd}. */
  @GuardedBy("mm->page_table_lock to write, here and in the tables of the third level")
  private final Object[] pgd;

  UpperTables(MmContext context, PageTableGeometry geometry) {
    this.context = context;
    this.geometry = geometry;
    this.pgd = new Object[1 << (geometry.addressBits() - geometry.pgdShift())];
    this.pudsPerTable = 1 << (geometry.pgdShift() - geometry.pudShift());
  }

  /** A leaf of the third level. */
  private record HugePud(long entry) {}

  /** Whether there is a table of the third level for an address. */
  boolean hasPuds(long address) {
    return puds(address) != null;
  }

  /** Returns the table of the second level of an address, or null. */
  PmdTable pmds(long address) {
    return slot(address) instanceof PmdTable pmds ? pmds : null;
  }

  /** Returns the entry of the third level: none, {@link Pte#TABLE}, or a leaf. */
  long pud(long address) {
    return entry(slot(address));
  }

  /** Replaces an entry of the third level that is no table: {@code set_pud_at}. Lock held. */
  void setPud(long address, long entry) {
    Object[] puds = puds(address);
    int index = pudIndex(address);
    EntryTrace trace = EntryTrace.ofPuds(context, address);
    if (trace != null) {
      trace.changed(index, entry(puds[index]), entry);
    }
    set(puds, index, entry == Pte.NONE ? null : new HugePud(entry));
  }

  /** Returns the first address of a range that a huge pud maps, or the end of the range. */
  long firstHuge(long start, long end) {
    long at = start;
    while (at < end && !(slot(at) instanceof HugePud)) {
      int shift = hasPuds(at) ? geometry.pudShift() : geometry.pgdShift();
      at = Math.min(((at >>> shift) + 1) << shift, end);
    }
    return at;
  }

  /** Makes the table of the third level of an address: {@code pud_alloc}. */
  void allocatePuds(long address) {
    if (!hasPuds(address)) {
      context.kernel().context().mightAlloc();
      lock().lock();
      try {
        pudsOf(address);
      } finally {
        lock().unlock();
      }
    }
  }

  /** Gives an address its tables, this one for the second level if there is nothing yet. */
  void populate(long address, PmdTable fresh) {
    lock().lock();
    try {
      Object[] puds = pudsOf(address);
      if (puds[pudIndex(address)] == null) {
        set(puds, pudIndex(address), fresh);
      }
    } finally {
      lock().unlock();
    }
  }

  /** Takes a table of the second level away: the end of {@code free_pmd_range}, mm/memory.c. */
  void clearPmds(long address) {
    clear(puds(address), pudIndex(address));
  }

  /** Takes a table of the third level away: the end of {@code free_pud_range}, mm/memory.c. */
  void clearPuds(long address) {
    clear(pgd, pgdIndex(address));
  }

  SpinLock lock() {
    return context.mm().pageTableLock();
  }

  private Object[] puds(long address) {
    return (address >>> geometry.addressBits()) != 0
        ? null
        : (Object[]) SLOT.getAcquire(pgd, pgdIndex(address));
  }

  private Object slot(long address) {
    Object[] puds = puds(address);
    return puds == null ? null : SLOT.getAcquire(puds, pudIndex(address));
  }

  private static long entry(Object slot) {
    if (slot instanceof HugePud huge) {
      return huge.entry();
    }
    return slot == null ? Pte.NONE : Pte.TABLE;
  }

  /** Finds or makes the table of the third level. Context: lock held. */
  private Object[] pudsOf(long address) {
    Object[] puds = puds(address);
    if (puds == null) {
      puds = new Object[pudsPerTable];
      set(pgd, pgdIndex(address), puds);
    }
    return puds;
  }

  private void clear(Object[] table, int index) {
    lock().lock();
    try {
      if (table != null) {
        set(table, index, null);
      }
    } finally {
      lock().unlock();
    }
  }

  private void set(Object[] table, int index, Object child) {
    lock().assertHeld();
    SLOT.setRelease(table, index, child);
  }

  private int pgdIndex(long address) {
    return (int) (address >>> geometry.pgdShift());
  }

  private int pudIndex(long address) {
    return (int) (address >>> geometry.pudShift()) & (pudsPerTable - 1);
  }
}

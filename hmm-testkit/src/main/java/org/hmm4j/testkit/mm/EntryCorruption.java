// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.Pte;

/**
 * Fault injection: puts entries into the upper page tables that Linux 6.1 never makes, but that
 * {@code hmm_range_fault} has answers for. Unmapping takes such an entry away without a word, as
 * {@code pmd_clear_bad}, mm/pgtable-generic.c, does but for its message. A CPU access to one is
 * {@link Signal#SIGBUS}; what the kernel would do is not defined.
 */
public final class EntryCorruption {

  private final MmContext context;

  EntryCorruption(MmContext context) {
    this.context = context;
  }

  /**
   * Replaces a pmd that is empty or corrupt. The notifiers are not told. Context: may sleep; the
   * mmap lock may be held but is not needed; nobody unmaps the address meanwhile.
   *
   * @param address any address that it maps, within a VMA
   * @param entry {@link Pte#BAD}, or an entry that is not present, of no table and no migration;
   *     {@link Pte#NONE} mends it
   * @throws IllegalArgumentException for another entry or address, or a pmd with something in it;
   *     nothing changes
   */
  public void pmd(long address, long entry) {
    check(address, entry);
    PageTableTree tables = context.tables();
    tables.allocateUpper(address);
    PmdSlot slot = tables.pmdSlot(address);
    if (slot == null) {
      throw new IllegalArgumentException("a huge pud maps 0x" + Long.toHexString(address));
    }
    slot.lock().lock();
    try {
      checkReplaced(slot.get());
      if (entry == Pte.NONE) {
        slot.clear();
      } else {
        slot.fill(entry, null);
      }
    } finally {
      slot.lock().unlock();
    }
  }

  /**
   * Replaces a pud that is empty or corrupt: as {@link #pmd}.
   *
   * @param address as there
   * @param entry as there
   */
  public void pud(long address, long entry) {
    check(address, entry);
    UpperTables tables = context.tables().upper();
    tables.allocatePuds(address);
    SpinLock lock = tables.lock();
    lock.lock();
    try {
      checkReplaced(tables.pud(address));
      tables.setPud(address, entry);
    } finally {
      lock.unlock();
    }
  }

  private void check(long address, long entry) {
    if (entry != Pte.NONE && !isCorrupt(entry)) {
      throw new IllegalArgumentException("not a corrupt entry: " + Pte.toString(entry));
    } else if (context.vmas().lookup(address) == null) {
      throw new IllegalArgumentException("no VMA at 0x" + Long.toHexString(address));
    }
  }

  private static void checkReplaced(long old) {
    if (old != Pte.NONE && !isCorrupt(old)) {
      throw new IllegalArgumentException("the entry is in use: " + Pte.toString(old));
    }
  }

  /** Whether an entry of an upper level is one that the kernel never makes. */
  static boolean isCorrupt(long entry) {
    long kind = Pte.kind(entry);
    return !Pte.isPresent(entry)
        && kind != Pte.NONE
        && kind != Pte.TABLE
        && kind != Pte.MIGRATION
        && kind != Pte.NO_TABLE;
  }
}

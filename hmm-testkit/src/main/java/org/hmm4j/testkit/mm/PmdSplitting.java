// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Puts a table in the place of a huge entry: {@code __split_huge_pmd}, mm/huge_memory.c, Linux 6.1.
 * The huge page itself stays one page, which ptes map from then on.
 */
final class PmdSplitting {

  private final MmContext context;

  PmdSplitting(MmContext context) {
    this.context = context;
  }

  /**
   * Splits the pmd of an address, and tells the notifiers of all that it maps. They are told also
   * if it is no huge entry (any more). Context: mmap lock or that of the reverse map held; may
   * sleep.
   */
  void split(FakeVma vma, long address) {
    long start = pmdStart(address);
    MmuNotifierRange range =
        context.invalidateStart(MmuNotifierEvent.CLEAR, start, start + pmdSize());
    try {
      PmdSlot slot = context.tables().lockHuge(address);
      if (slot != null) {
        try {
          splitLocked(vma, slot);
        } finally {
          slot.lock().unlock();
        }
      }
    } finally {
      context.invalidateEnd(range);
    }
  }

  /**
   * Splits what a new border of VMAs would cut: {@code split_huge_pmd_if_needed}, {@code
   * split_huge_pmd_address}. It looks at the borders only, and not at what the pmd is.
   */
  void splitAtBorder(FakeVma vma, long border) {
    long start = pmdStart(border);
    if (start != border
        && vma.start() <= start
        && start + pmdSize() <= vma.end()
        && context.tables().pmdSlot(border) != null) {
      split(vma, border);
    }
  }

  /**
   * {@code __split_huge_pmd_locked}. Of a file or device nothing is left: faults bring it back. Nor
   * of a corrupt entry: {@code pmd_clear_bad}.
   */
  void splitLocked(FakeVma vma, PmdSlot slot) {
    long entry = slot.get();
    if (!vma.isAnonymous() || EntryCorruption.isCorrupt(entry)) {
      slot.clear();
      context.unmapHugeEntry(entry);
      return;
    }
    if (Pte.isPresent(entry) && !context.isHugeZero(entry)) {
      mapParts(context.memory().page(Pte.pfn(entry)).compound());
    }
    LeafTable leaf = slot.deposit();
    leaf.lock().lock();
    int parts = context.geometry().ptesPerTable();
    for (int i = 0; i < parts; i++) {
      leaf.set(i, part(vma, entry, i));
    }
    leaf.lock().unlock();
    slot.point(leaf);
  }

  /** The ptes count instead of the huge entry. */
  private static void mapParts(CompoundPage huge) {
    huge.head().add(huge.pages() - 1);
    boolean exclusive = huge.head().isAnonExclusive();
    for (int i = 0; i < huge.pages(); i++) {
      if (exclusive) {
        huge.page(i).setAnonExclusive();
      }
      huge.page(i).addMapping();
    }
    huge.removeMapping();
  }

  /**
   * Returns one entry of many for a huge one. Rights that NUMA balancing took come back; what was
   * written is known to the page.
   */
  private long part(FakeVma vma, long entry, int index) {
    if (!Pte.isPresent(entry)) {
      return entry + index;
    }
    if (context.isHugeZero(entry)) {
      long flags = Pte.SPECIAL | Pte.ZERO | PageProtection.of(vma);
      return Pte.present(context.memory().zeroPfn(), flags);
    }
    long writable = vma.isWritable() ? entry & Pte.WRITE : 0;
    return Pte.present(Pte.pfn(entry) + index, PageProtection.of(vma) | writable);
  }

  /**
   * Puts migration entries in the place of a huge entry, if it maps a page and that can be shared
   * for a while; otherwise it is split as it is: {@code __split_huge_pmd_locked} with {@code
   * freeze}.
   */
  void freeze(FakeVma vma, long address, CompoundPage huge) {
    long start = pmdStart(address);
    MmuNotifierRange range =
        context.invalidateStart(MmuNotifierEvent.CLEAR, start, start + pmdSize());
    try {
      PmdSlot slot = context.tables().lockHuge(address);
      if (slot != null) {
        try {
          freezeLocked(vma, slot, huge);
        } finally {
          slot.lock().unlock();
        }
      }
    } finally {
      context.invalidateEnd(range);
    }
  }

  private void freezeLocked(FakeVma vma, PmdSlot slot, CompoundPage huge) {
    long entry = slot.get();
    Page head = huge.head();
    if (!Pte.isPresent(entry) || Pte.pfn(entry) != head.pfn()) {
      return;
    }
    long migration = MigrationEntries.of(context.memory(), head, entry);
    if (migration == entry) {
      splitLocked(vma, slot);
      return;
    }
    slot.change(migration);
    splitLocked(vma, slot);
    huge.removeMapping();
    context.memory().put(head);
  }

  long pmdSize() {
    return 1L << context.geometry().pmdShift();
  }

  long pmdStart(long address) {
    return address & -pmdSize();
  }
}

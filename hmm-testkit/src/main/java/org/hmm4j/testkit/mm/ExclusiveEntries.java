// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * What stands in the page tables while a device has a page to itself: {@code
 * page_make_device_exclusive_one}, mm/rmap.c, and {@code restore_exclusive_pte}, mm/memory.c, Linux
 * 6.1. The entry keeps its reference to the page but does not map it.
 */
final class ExclusiveEntries {

  private final Page page;
  private final MmContext wantedMm;
  private final long wantedAddress;
  private final Object owner;

  /** Whether the page was mapped writable where it was looked for. */
  private boolean valid;

  private ExclusiveEntries(Page page, MmContext mm, long address, Object owner) {
    this.page = page;
    this.wantedMm = mm;
    this.wantedAddress = address;
    this.owner = owner;
  }

  /**
   * {@code folio_make_device_exclusive}: only anonymous pages, as nobody may write others back. A
   * huge page goes as a whole if it is the head. Context: page locked, and the caller has a
   * reference; may sleep.
   */
  static boolean make(Page page, MmContext mm, long address, Object owner) {
    if (!page.isAnonymous()) {
      return false;
    }
    ExclusiveEntries args = new ExclusiveEntries(page, mm, address, owner);
    mm.reverseMap().walk(page, args::makeOne, () -> false);
    int left = page.isTail() ? page.mapCount() : page.totalMapCount();
    return args.valid && left == 0;
  }

  private boolean makeOne(MmContext mm, FakeVma vma, long address) {
    long end = vma.endOf(page);
    MmuNotifierRange range = mm.invalidateStart(MmuNotifierEvent.EXCLUSIVE, address, end, owner);
    try {
      boolean all = true;
      for (long at = address; at < end && all; at += mm.geometry().pageSize()) {
        LeafTable leaf = mm.tables().leaf(at);
        all = leaf == null || replace(mm, leaf, at);
      }
      return all;
    } finally {
      mm.invalidateEnd(range);
    }
  }

  /** Ends the walk at an entry that is there but can't be replaced. */
  private boolean replace(MmContext mm, LeafTable leaf, long address) {
    int index = mm.geometry().pteIndex(address);
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      if (!Pte.isPresent(entry)) {
        return !isOfDevice(entry) || !isWanted(mm.memory().page(Pte.pfn(entry)));
      }
      Page part = mm.normalPage(entry);
      if (part == null || !isWanted(part)) {
        return true;
      }
      valid |= mm == wantedMm && address == wantedAddress && Pte.isWritable(entry);
      leaf.set(index, Pte.nonPresent(Pte.DEVICE_EXCLUSIVE | (entry & Pte.WRITE), part.pfn()));
      part.removeMapping();
      return true;
    } finally {
      leaf.lock().unlock();
    }
  }

  private boolean isWanted(Page part) {
    return part == page || part.head() == page;
  }

  private static boolean isOfDevice(long entry) {
    return Pte.kind(entry) == Pte.DEVICE_EXCLUSIVE || Pte.kind(entry) == Pte.DEVICE_PRIVATE;
  }

  /**
   * The CPU has the page back: {@code restore_exclusive_pte}. Context: page locked, lock of the
   * table held.
   */
  static void restore(FakeVma vma, long address, LeafTable leaf, int index, Page page) {
    long mapped = PageProtection.entry(page, vma);
    if (Pte.isWritable(leaf.get(index))) {
      mapped = PageProtection.written(mapped, vma);
    }
    page.addAnonMapping(vma.anonVma(), vma.pageOffset(address), false);
    leaf.set(index, mapped);
  }
}

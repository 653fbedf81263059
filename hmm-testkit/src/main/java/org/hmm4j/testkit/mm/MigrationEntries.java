// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;

/**
 * What stands in the page tables while a page is on its way: include/linux/swapops.h and {@code
 * remove_migration_ptes}, mm/migrate.c, Linux 6.1.
 */
final class MigrationEntries {

  private final ReverseMap reverseMap;

  MigrationEntries(ReverseMap reverseMap) {
    this.reverseMap = reverseMap;
  }

  /**
   * {@code make_writable_migration_entry} and its like, with {@code make_migration_entry_dirty}. A
   * page of the process' own that is pinned keeps its entry. Context: lock of the table held.
   *
   * <p>Whether the page was written is forgotten on a kernel without swap ({@code
   * migration_entry_supports_ad}).
   *
   * @param entry maps the page, or is a device-private one
   */
  static long of(PhysicalMemory memory, Page page, long entry) {
    boolean keepsDirty = Pte.isPresent(entry) && memory.swap().slots() > 0;
    long flags = entry & (Pte.WRITE | (keepsDirty ? Pte.DIRTY : 0));
    if (page.isAnonExclusive()) {
      if (!page.tryShareAnonRmap()) {
        return entry;
      }
      flags |= Pte.EXCLUSIVE;
    }
    return Pte.nonPresent(Pte.MIGRATION | flags, Pte.pfn(entry));
  }

  /**
   * Lets all migration entries of a page map a page, the same or another: nobody has to be told
   * that a page is there again. Context: both locked; may sleep.
   */
  void remove(Page old, Page target) {
    reverseMap.walk(target, (mm, vma, at) -> remove(mm, vma, at, old, target), () -> false);
  }

  /** {@code remove_migration_pte}. */
  private static boolean remove(MmContext mm, FakeVma vma, long address, Page old, Page target) {
    LeafTable leaf = mm.tables().leaf(address);
    if (leaf == null) {
      return true;
    }
    int index = mm.geometry().pteIndex(address);
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      if (!Pte.isPresent(entry)
          && Pte.kind(entry) == Pte.MIGRATION
          && Pte.pfn(entry) == old.pfn()) {
        leaf.set(index, mapping(vma, address, target, entry));
      }
    } finally {
      leaf.lock().unlock();
    }
    return true;
  }

  private static long mapping(FakeVma vma, long address, Page page, long entry) {
    page.get();
    if (page.isAnonymous()) {
      boolean exclusive = (entry & Pte.EXCLUSIVE) != 0;
      page.addAnonMapping(vma.anonVma(), vma.pageOffset(address), exclusive);
    } else {
      page.addMapping();
    }
    long writable = vma.isWritable() ? Pte.WRITE : 0;
    long mapped = PageProtection.entry(page, vma) | (entry & (writable | Pte.DIRTY));
    return page.isDevicePrivate()
        ? Pte.nonPresent(Pte.DEVICE_PRIVATE | (mapped & Pte.WRITE), page.pfn())
        : mapped;
  }
}

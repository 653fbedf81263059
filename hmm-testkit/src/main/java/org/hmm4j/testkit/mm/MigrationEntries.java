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
   *
   * @param old the page that the entries remember; of a huge page the head
   * @param target the page to map, of the same size
   */
  void remove(Page old, Page target) {
    reverseMap.walk(target, (mm, vma, at) -> remove(mm, vma, at, old, target), () -> false);
  }

  /** As {@link #remove}, with the lock of the reverse map held by the caller. */
  void removeLocked(Page old, Page target) {
    reverseMap.walkLocked(target, (mm, vma, at) -> remove(mm, vma, at, old, target), () -> false);
  }

  private static boolean remove(MmContext mm, FakeVma vma, long address, Page old, Page target) {
    PmdSlot huge = target.compound() == null ? null : mm.tables().lockHuge(address);
    if (huge != null) {
      removeHuge(vma, address, huge, old, target);
      huge.lock().unlock();
      return true;
    }
    long end = vma.endOf(target);
    for (long at = address; at < end; at += mm.geometry().pageSize()) {
      LeafTable leaf = mm.tables().leaf(at);
      if (leaf != null) {
        int part = (int) (vma.pageOffset(at) - target.index());
        removeOne(
            leaf,
            mm.geometry().pteIndex(at),
            vma,
            at,
            old.pfn() + part,
            CompoundPage.part(target, part));
      }
    }
    return true;
  }

  /** {@code remove_migration_pte}. */
  private static void removeOne(
      LeafTable leaf, int index, FakeVma vma, long address, long oldPfn, Page target) {
    leaf.lock().lock();
    try {
      long entry = leaf.get(index);
      if (isMigration(entry, oldPfn)) {
        leaf.set(index, mapping(vma, address, target, entry));
      }
    } finally {
      leaf.lock().unlock();
    }
  }

  /** {@code remove_migration_pmd}, mm/huge_memory.c. */
  private static void removeHuge(FakeVma vma, long address, PmdSlot slot, Page old, Page target) {
    long entry = slot.get();
    if (isMigration(entry, old.pfn())) {
      target.get();
      target
          .compound()
          .addAnonMapping(vma.anonVma(), vma.pageOffset(address), (entry & Pte.EXCLUSIVE) != 0);
      long writable = vma.isWritable() ? Pte.WRITE : 0;
      long kept = entry & (writable | Pte.DIRTY);
      slot.change(PageProtection.entry(target, vma) | Pte.HUGE | kept);
    }
  }

  private static boolean isMigration(long entry, long pfn) {
    return !Pte.isPresent(entry) && Pte.kind(entry) == Pte.MIGRATION && Pte.pfn(entry) == pfn;
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

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.mm.Pte;

/**
 * Looks which pages of a VMA can go to a device, or come back: {@code migrate_vma_collect_pmd},
 * mm/migrate_device.c, Linux 6.1. Context: mmap lock held for read.
 */
final class MigrationCollect {

  private final MmContext context;

  MigrationCollect(MmContext context) {
    this.context = context;
  }

  /** Appends an entry for each page of the range. */
  void collect(MigrateVma migration) {
    long size = 1L << context.geometry().pmdShift();
    long next;
    for (long at = migration.start(); at < migration.end(); at = next) {
      next = Math.min((at & -size) + size, migration.end());
      collectPmd(migration, at, next);
    }
  }

  private void collectPmd(MigrateVma migration, long start, long end) {
    if (!isWithoutHuge((FakeVma) migration.vma(), start)) {
      fill(migration, start, end, 0);
      return;
    }
    LeafTable leaf = context.tables().lockLeaf(start);
    if (leaf == null) {
      fill(migration, start, end, empty(migration));
      return;
    }
    try {
      collectLeaf(migration, leaf, start, end);
    } finally {
      leaf.lock().unlock();
    }
  }

  /**
   * Splits a huge page first, or the huge entry of the zero page. Returns false if that failed:
   * nothing below is collected then. Unlike the kernel, does not lose the reference to a page of
   * which it can't get the lock.
   */
  private boolean isWithoutHuge(FakeVma vma, long address) {
    PmdSlot slot = context.tables().lockHuge(address);
    if (slot == null) {
      return true;
    }
    Page page = null;
    try {
      long entry = slot.get();
      if (!Pte.isPresent(entry)) {
        return false;
      }
      page = context.normalPage(entry);
      if (page != null) {
        page.get();
      }
    } finally {
      slot.lock().unlock();
    }
    if (page == null) {
      context.pmdSplitting().split(vma, address);
      return true;
    }
    return trySplit(page);
  }

  private boolean trySplit(Page page) {
    PhysicalMemory memory = context.memory();
    boolean split = false;
    if (page.lock().tryLock()) {
      split = new HugePageSplit(memory).split(page);
      memory.unlockPage(page);
    }
    memory.put(page);
    return split;
  }

  /** {@code migrate_vma_collect_hole}, {@code migrate_vma_collect_skip}. */
  private void fill(MigrateVma migration, long start, long end, long entry) {
    for (long at = start; at < end; at += context.geometry().pageSize()) {
      migration.collected(entry);
    }
  }

  private void collectLeaf(MigrateVma migration, LeafTable leaf, long start, long end) {
    int first = context.geometry().pteIndex(start);
    int count = (int) context.pageNumber(end - start);
    for (int i = first; i < first + count; i++) {
      migration.collected(collectOne(migration, leaf, i));
    }
  }

  private long collectOne(MigrateVma migration, LeafTable leaf, int index) {
    long entry = leaf.get(index);
    if (entry == Pte.NONE) {
      return empty(migration);
    }
    boolean zero = Pte.isPresent(entry) && (entry & Pte.ZERO) != 0;
    if (zero && migration.selects(MigrateVma.SELECT_SYSTEM)) {
      return MigratePfn.MIGRATE;
    }
    Page page = pageOf(entry);
    boolean selected =
        page != null
            && page.compound() == null
            && isSelected(migration, page)
            && page.mapping() != null;
    return selected && take(leaf, index, page) ? found(page, entry) : 0;
  }

  /** Only anonymous memory may be filled with pages of a device. */
  private static long empty(MigrateVma migration) {
    return ((FakeVma) migration.vma()).isAnonymous() ? MigratePfn.MIGRATE : 0;
  }

  private static long found(Page page, long entry) {
    long write = Pte.isWritable(entry) ? MigratePfn.WRITE : 0;
    return MigratePfn.of(page.pfn()) | MigratePfn.MIGRATE | write;
  }

  private Page pageOf(long entry) {
    if (Pte.isPresent(entry)) {
      return context.normalPage(entry);
    }
    return Pte.kind(entry) == Pte.DEVICE_PRIVATE ? context.memory().page(Pte.pfn(entry)) : null;
  }

  private static boolean isSelected(MigrateVma migration, Page page) {
    if (!page.isZoneDevice()) {
      return migration.selects(MigrateVma.SELECT_SYSTEM);
    }
    int kind =
        page.isDevicePrivate()
            ? MigrateVma.SELECT_DEVICE_PRIVATE
            : MigrateVma.SELECT_DEVICE_COHERENT;
    return migration.selects(kind) && page.pagemap().owner() == migration.pgmapOwner();
  }

  /**
   * Locks a page, without waiting as its holder may wait for one of ours, and lets a migration
   * entry take the place of its entry; the reference of that becomes ours.
   */
  private boolean take(LeafTable leaf, int index, Page page) {
    long entry = leaf.get(index);
    page.get();
    if (!page.lock().tryLock()) {
      context.memory().put(page);
      return false;
    }
    long replaced = MigrationEntries.of(context.memory(), page, entry);
    if (replaced == entry) {
      context.memory().unlockPage(page);
      context.memory().put(page);
      return false;
    }
    leaf.set(index, replaced);
    page.removeMapping();
    context.memory().put(page);
    return true;
  }
}

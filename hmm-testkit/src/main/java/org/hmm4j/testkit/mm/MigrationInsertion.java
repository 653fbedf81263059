// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.mm.Pte;

/**
 * Maps pages of a device where there was none: {@code migrate_vma_insert_page},
 * mm/migrate_device.c, Linux 6.1. Context: mmap lock held for read.
 */
final class MigrationInsertion {

  private final MmContext context;
  private final AnonVmaPreparation preparation;

  MigrationInsertion(MmContext context, AnonVmaPreparation preparation) {
    this.context = context;
    this.preparation = preparation;
  }

  /** Returns false if somebody was faster, or the memory is not anonymous. */
  boolean insert(MigrateVma migration, long address, long pfn) {
    FakeVma vma = (FakeVma) migration.vma();
    if (!vma.isAnonymous()) {
      return false;
    }
    LeafTable leaf = context.tables().allocateLeaf(address);
    if (leaf == null) {
      return false;
    }
    preparation.prepare(vma);
    Page page = context.memory().page(pfn);
    int index = context.geometry().pteIndex(address);
    leaf.lock().lock();
    try {
      if (context.isUnstable() || !isFree(leaf.get(index))) {
        return false;
      }
      page.get();
      page.addNewAnonMapping(vma.anonVma(), vma.pageOffset(address));
      long entry = entry(page, vma);
      leaf.set(index, entry);
      context.rss().set(entry);
      return true;
    } finally {
      leaf.lock().unlock();
    }
  }

  private static boolean isFree(long entry) {
    return entry == Pte.NONE || (Pte.isPresent(entry) && (entry & Pte.ZERO) != 0);
  }

  private static long entry(Page page, FakeVma vma) {
    if (page.isDevicePrivate()) {
      long write = vma.isWritable() ? Pte.WRITE : 0;
      return Pte.nonPresent(Pte.DEVICE_PRIVATE | write, page.pfn());
    }
    long entry = PageProtection.entry(page, vma);
    return vma.isWritable() ? PageProtection.written(entry, vma) : entry;
  }
}

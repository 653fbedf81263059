// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.devmem;

import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.DevmemAddressSpace;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;

/**
 * Migration of the pages of a VMA: {@code migrate_vma_setup} and what follows it,
 * mm/migrate_device.c, Linux 6.1. Context: mmap lock held for read.
 */
final class VmaMigrations {

  /** {@code VM_SPECIAL}, as far as there are such VMAs. */
  private static final long SPECIAL = VmFlags.IO | VmFlags.PFNMAP | VmFlags.MIXEDMAP;

  private final MmuNotifiers notifiers;

  VmaMigrations(MmuNotifiers notifiers) {
    this.notifiers = notifiers;
  }

  /** {@code migrate_vma_setup}. */
  Errno setup(MigrateVma migration, DevmemAddressSpace space) {
    if (!isValid(migration, space.frames())) {
      return Errno.EINVAL;
    }
    migration.reset();
    collect(migration, space);
    if (migration.cpages() != 0) {
      int unmapped =
          new PageMigrations(space.frames())
              .unmap(migration.src(), migration.npages(), migration.faultPage());
      migration.cpages(unmapped);
    }
    return Errno.OK;
  }

  private static boolean isValid(MigrateVma migration, PageFrames frames) {
    Vma vma = migration.vma();
    return vma != null
        && (vma.flags() & (VmFlags.HUGETLB | SPECIAL)) == 0
        && migration.src().length > 0
        && migration.start() >= vma.start()
        && migration.end() <= vma.end()
        && (migration.faultPage() == MigratePfn.NO_PAGE
            || isDevicePrivate(frames.pagemap(migration.faultPage())));
  }

  private static boolean isDevicePrivate(DevPagemap pagemap) {
    return pagemap != null && pagemap.type() == MemoryType.DEVICE_PRIVATE;
  }

  /** {@code migrate_vma_collect}. */
  private void collect(MigrateVma migration, DevmemAddressSpace space) {
    MmuNotifierRange range = invalidation(migration, migration.start());
    notifiers.invalidateRangeStart(range);
    try {
      space.collect(migration);
    } finally {
      notifiers.invalidateRangeEnd(range);
    }
  }

  private static MmuNotifierRange invalidation(MigrateVma migration, long start) {
    return MmuNotifierRange.of(migration.mm(), MmuNotifierEvent.MIGRATE, start, migration.end())
        .owner(migration.pgmapOwner());
  }

  /** {@code migrate_vma_pages}: one invalidation from the first page that is inserted on. */
  void pages(MigrateVma migration, DevmemAddressSpace space) {
    Insertion insertion = new Insertion(migration, space);
    try {
      new PageMigrations(space.frames())
          .migrate(
              migration.src(),
              migration.dst(),
              migration.npages(),
              migration.faultPage(),
              insertion::insert);
    } finally {
      insertion.end();
    }
  }

  /** The pages that come where there was none, and the invalidation around them. */
  private final class Insertion {

    private final MigrateVma migration;
    private final DevmemAddressSpace space;
    private MmuNotifierRange announced;

    Insertion(MigrateVma migration, DevmemAddressSpace space) {
      this.migration = migration;
      this.space = space;
    }

    boolean insert(int index) {
      long address = migration.address(index);
      if (announced == null) {
        MmuNotifierRange range = invalidation(migration, address);
        notifiers.invalidateRangeStart(range);
        announced = range;
      }
      return space.insertPage(migration, address, MigratePfn.pfn(migration.dst()[index]));
    }

    void end() {
      if (announced != null) {
        notifiers.invalidateRangeEnd(announced);
      }
    }
  }

  /** {@code migrate_vma_finalize}. */
  void finish(MigrateVma migration, DevmemAddressSpace space) {
    new PageMigrations(space.frames()).finish(migration.src(), migration.dst(), migration.npages());
  }
}

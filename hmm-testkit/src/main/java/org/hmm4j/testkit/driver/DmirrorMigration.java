// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.devmem.DeviceFault;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;
import org.hmm4j.testkit.device.CopyEngine;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.PhysicalMemory;

/** Moves pages to the test device and back: lib/test_hmm.c, Linux 6.1. */
final class DmirrorMigration {

  private static final int WINDOW_PAGES = 64;

  private final MirroringDevice dmirror;
  private final MmStruct mm;
  private final DmirrorDevice device;
  private final PhysicalMemory memory;
  private final PageFrames frames;
  private final Devmem devmem;
  private final DevicePageTable pageTable;
  private final PageTableGeometry geometry;

  DmirrorMigration(
      MirroringDevice dmirror, MmStruct mm, DmirrorDevice device, DevicePageTable pageTable) {
    this.dmirror = dmirror;
    this.mm = mm;
    this.device = device;
    this.memory = device.memory();
    this.frames = memory.frames();
    this.devmem = Devmem.of(mm.kernel());
    this.pageTable = pageTable;
    this.geometry = mm.addressSpace().pageTables().geometry();
  }

  /** What is done with the pages that were collected. Returns how many moved. */
  private interface Move {
    int move(MigrateVma migration);
  }

  /** {@code dmirror_migrate_to_device}, without the read at the end. */
  Errno toDevice(long address, int pages) {
    return forEachWindow(address, pages, MigrateVma.SELECT_SYSTEM, this::moveToDevice).errno();
  }

  /** {@code dmirror_migrate_to_system}. */
  Dmirror.Result toSystem(long address, int pages) {
    return forEachWindow(address, pages, device.selectFlag(), this::moveToSystem);
  }

  private Dmirror.Result forEachWindow(long address, int pages, int select, Move move) {
    if (!mm.mmgetNotZero()) {
      return Dmirror.Result.failed(Errno.EINVAL);
    }
    try {
      mm.mmapLock().readLock();
      try {
        return forEachWindowLocked(address, pages, select, move);
      } finally {
        mm.mmapLock().readUnlock();
      }
    } finally {
      mm.mmput();
    }
  }

  private Dmirror.Result forEachWindowLocked(long address, int pages, int select, Move move) {
    long end = address + pages * geometry.pageSize();
    long moved = 0;
    long next;
    for (long at = address; at < end; at = next) {
      Vma vma = mm.addressSpace().findVma(at);
      if (vma == null || at < vma.start() || (vma.flags() & VmFlags.READ) == 0) {
        return Dmirror.Result.failed(Errno.EINVAL);
      }
      long window = Math.min(end, at + WINDOW_PAGES * geometry.pageSize());
      next = Math.min(window, vma.end());
      MigrateVma migration = MigrateVma.of(mm, vma, at, next).pgmapOwner(device).flags(select);
      Errno errno = devmem.migrateVmaSetup(migration);
      if (errno.isError()) {
        return Dmirror.Result.failed(errno);
      }
      moved += finishing(migration, move);
    }
    return new Dmirror.Result(Errno.OK, moved, 0);
  }

  /** However it goes, what setup locked is unlocked. */
  private int finishing(MigrateVma migration, Move move) {
    try {
      return move.move(migration);
    } finally {
      devmem.migrateVmaFinalize(migration);
    }
  }

  private int moveToDevice(MigrateVma migration) {
    for (int i = 0; i < migration.npages(); i++) {
      if (MigratePfn.isMigrating(migration.src()[i])) {
        migration.dst()[i] = copyToDevice(migration, migration.src()[i]);
      }
    }
    devmem.migrateVmaPages(migration);
    return mapMigrated(migration);
  }

  /**
   * {@code dmirror_migrate_alloc_and_copy} for one page: without a source it is one that was never
   * touched, or the zero page.
   */
  private long copyToDevice(MigrateVma migration, long src) {
    long page = device.allocatePage(dmirror);
    if (page == MigratePfn.NO_PAGE) {
      return 0;
    }
    long source = MigratePfn.pfn(src);
    boolean writable;
    if (source == MigratePfn.NO_PAGE) {
      CopyEngine.clearPage(memory, page);
      writable = (migration.vma().flags() & VmFlags.WRITE) != 0;
    } else {
      CopyEngine.copyPage(memory, source, page);
      writable = (src & MigratePfn.WRITE) != 0;
    }
    return MigratePfn.of(page) | (writable ? MigratePfn.WRITE : 0);
  }

  /** {@code dmirror_migrate_finalize_and_map}. */
  private int mapMigrated(MigrateVma migration) {
    int mapped = 0;
    pageTable.lock().lock();
    try {
      for (int i = 0; i < migration.npages(); i++) {
        long dst = migration.dst()[i];
        if (MigratePfn.isMigrating(migration.src()[i]) && MigratePfn.pfn(dst) >= 0) {
          boolean writable = (dst & MigratePfn.WRITE) != 0;
          pageTable.map(migration.address(i), MigratePfn.pfn(dst), writable);
          mapped++;
        }
      }
    } finally {
      pageTable.lock().unlock();
    }
    return mapped;
  }

  /** Counts, as {@code dmirror_successful_migrated_pages}, only those that had a page. */
  private int moveToSystem(MigrateVma migration) {
    copyToSystem(migration);
    devmem.migrateVmaPages(migration);
    int moved = 0;
    for (long src : migration.src()) {
      moved += (src & MigratePfn.VALID) != 0 && MigratePfn.isMigrating(src) ? 1 : 0;
    }
    return moved;
  }

  /** {@code dmirror_devmem_fault_alloc_and_copy}: the device must not use the old page any more. */
  private void copyToSystem(MigrateVma migration) {
    for (int i = 0; i < migration.npages(); i++) {
      long source = MigratePfn.pfn(migration.src()[i]);
      if (source == MigratePfn.NO_PAGE || !MigratePfn.isMigrating(migration.src()[i])) {
        continue;
      }
      long page = memory.allocate();
      if (page == PhysicalMemory.NO_PAGE) {
        continue;
      }
      frames.lockPage(page);
      pageTable.lock().lock();
      pageTable.erase(migration.address(i));
      pageTable.lock().unlock();
      CopyEngine.copyPage(memory, source, page);
      migration.dst()[i] = MigratePfn.of(page) | (migration.src()[i] & MigratePfn.WRITE);
    }
  }

  /** {@code dmirror_devmem_fault}: one page, in whatever address space the CPU touched it. */
  int migrateToRam(DeviceFault fault) {
    MigrateVma migration =
        MigrateVma.of(
                fault.mm(), fault.vma(), fault.address(), fault.address() + geometry.pageSize())
            .pgmapOwner(device)
            .flags(device.selectFlag())
            .faultPage(fault.page());
    if (devmem.migrateVmaSetup(migration).isError()) {
      return VmFault.SIGBUS;
    }
    finishing(migration, this::moveToSystem);
    return 0;
  }
}

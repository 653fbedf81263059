// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.devmem;

import java.util.Objects;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.DevPagemapConfig;
import org.hmm4j.devmem.DevPagemapOps;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.DevmemAddressSpace;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifiers;

/** The door to device memory: mm/memremap.c, mm/migrate_device.c, mm/rmap.c, Linux 6.1. */
public final class DevmemCore implements Devmem {

  private final Kernel kernel;
  private final VmaMigrations migrations;

  /**
   * Makes the device memory layer of a kernel.
   *
   * @param kernel the kernel
   * @param notifiers its notifier core
   */
  public DevmemCore(Kernel kernel, MmuNotifiers notifiers) {
    this.kernel = kernel;
    this.migrations = new VmaMigrations(notifiers);
  }

  @Override
  public ErrPtr<DevPagemap> memremapPages(PageFrames frames, DevPagemapConfig config) {
    kernel.context().mightSleep();
    Objects.requireNonNull(frames, "frames");
    if (!isComplete(config)) {
      return ErrPtr.err(Errno.EINVAL);
    }
    Allocation record = kernel.allocations().allocate("dev_pagemap");
    if (record == null) {
      return ErrPtr.err(Errno.ENOMEM);
    }
    Pagemap pagemap = new Pagemap(kernel, frames, config, record);
    return pagemap.map() ? ErrPtr.of(pagemap) : ErrPtr.err(Errno.ENOMEM);
  }

  private static boolean isComplete(DevPagemapConfig config) {
    Objects.requireNonNull(config.type(), "type");
    DevPagemapOps ops = config.ops();
    return config.pages() > 0
        && config.owner() != null
        && ops != null
        && ops.pageFree() != null
        && (config.type() != MemoryType.DEVICE_PRIVATE || ops.migrateToRam() != null);
  }

  @Override
  public void memunmapPages(DevPagemap pagemap) {
    ((Pagemap) pagemap).unmap();
  }

  @Override
  public boolean zoneDevicePageInit(DevPagemap pagemap, long pfn) {
    return ((Pagemap) pagemap).initPage(pfn);
  }

  @Override
  public Errno migrateVmaSetup(MigrateVma migration) {
    return migrations.setup(migration, locked(migration.mm()));
  }

  @Override
  public void migrateVmaPages(MigrateVma migration) {
    migrations.pages(migration, locked(migration.mm()));
  }

  @Override
  public void migrateVmaFinalize(MigrateVma migration) {
    migrations.finish(migration, locked(migration.mm()));
  }

  @Override
  public void migrateDeviceRange(PageFrames frames, long[] src, long firstPfn) {
    kernel.context().mightSleep();
    PageMigrations pages = new PageMigrations(frames);
    pages.lockRange(src, firstPfn);
    pages.unmap(src, src.length, MigratePfn.NO_PAGE);
  }

  @Override
  public void migrateDevicePages(PageFrames frames, long[] src, long[] dst) {
    kernel.context().mightSleep();
    new PageMigrations(frames)
        .migrate(src, dst, src.length, MigratePfn.NO_PAGE, DevmemCore::insertNowhere);
  }

  private static boolean insertNowhere(int index) {
    throw new IllegalArgumentException(
        "source entry " + index + " has no page: only migrateVmaPages knows where to insert one");
  }

  @Override
  public void migrateDeviceFinalize(PageFrames frames, long[] src, long[] dst) {
    kernel.context().mightSleep();
    new PageMigrations(frames).finish(src, dst, src.length);
  }

  @Override
  public ErrPtr<Integer> makeDeviceExclusiveRange(
      MmStruct mm, long start, long[] pages, Object owner) {
    return new ExclusiveAccess(locked(mm)).range(start, pages, owner);
  }

  @Override
  public ErrPtr<Long> makeDeviceExclusive(MmStruct mm, long address, Object owner) {
    DevmemAddressSpace space = locked(mm);
    int shift = space.pageTables().geometry().pageShift();
    return new ExclusiveAccess(space).one(address >>> shift << shift, owner);
  }

  /** Checks the context, and finds the part of the address space that migrates. */
  private DevmemAddressSpace locked(MmStruct mm) {
    kernel.context().mightSleep();
    CountedMm counted = CountedMm.of(kernel, mm);
    counted.assertHasUser();
    counted.mmapLock().assertHeld();
    if (counted.addressSpace() instanceof DevmemAddressSpace space) {
      return space;
    }
    throw new IllegalArgumentException(
        counted.addressSpace().getClass().getName() + " has no device memory");
  }
}

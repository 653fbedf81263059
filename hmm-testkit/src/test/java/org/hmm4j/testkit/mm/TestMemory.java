// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.DevPagemapConfig;
import org.hmm4j.devmem.DevPagemapOps;
import org.hmm4j.devmem.DeviceFault;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.mm.VmFault;

/** A device with some pages of memory, which takes them in order and never again. */
final class TestMemory {

  static final int PAGES = 64;

  final Object owner = new Object();
  final DevPagemap pagemap;

  /** The pages that were freed, in order. */
  final List<Long> freed = new ArrayList<>();

  /** What the next CPU touch gets. */
  int answerToTouch;

  private final Process process;
  private final Devmem devmem;
  private int used;

  TestMemory(Process process, MemoryType type) {
    this.process = process;
    this.devmem = Devmem.of(process.kernel);
    DevPagemapOps ops = new DevPagemapOps(freed::add, this::migrateToRam);
    this.pagemap =
        devmem
            .memremapPages(process.memory.frames(), new DevPagemapConfig(type, owner, ops, PAGES))
            .value();
  }

  /** Takes the next page. */
  long allocate() {
    long pfn = pagemap.firstPfn() + used++;
    assertTrue(devmem.zoneDevicePageInit(pagemap, pfn));
    return pfn;
  }

  private int selectFlag() {
    return pagemap.type() == MemoryType.DEVICE_PRIVATE
        ? MigrateVma.SELECT_DEVICE_PRIVATE
        : MigrateVma.SELECT_DEVICE_COHERENT;
  }

  private int migrateToRam(DeviceFault fault) {
    if (answerToTouch != 0) {
      return answerToTouch;
    }
    MigrateVma migration =
        MigrateVma.of(fault.mm(), fault.vma(), fault.address(), fault.address() + 4096)
            .pgmapOwner(owner)
            .flags(selectFlag())
            .faultPage(fault.page());
    if (devmem.migrateVmaSetup(migration).isError()) {
      return VmFault.SIGBUS;
    }
    fill(migration, this::mainPage);
    devmem.migrateVmaPages(migration);
    devmem.migrateVmaFinalize(migration);
    return 0;
  }

  private long mainPage() {
    long page = process.memory.allocate();
    process.memory.frames().lockPage(page);
    return page;
  }

  /** Where a page goes. */
  interface Target {
    long next();
  }

  /** Gives each page that can move a copy. */
  void fill(MigrateVma migration, Target target) {
    for (int i = 0; i < migration.npages(); i++) {
      if (MigratePfn.isMigrating(migration.src()[i])) {
        long source = MigratePfn.pfn(migration.src()[i]);
        long page = target.next();
        process.memory.writeWord(
            page, source == MigratePfn.NO_PAGE ? 0 : process.memory.readWord(source));
        migration.dst()[i] = MigratePfn.of(page);
      }
    }
  }

  /** Describes a migration of pages to or from here. Needs no lock yet. */
  MigrateVma migration(long page, long pages, int select) {
    long start = Process.at(page);
    return MigrateVma.of(
            process.mm.mm(), process.mm.findVma(start), start, start + Process.size(pages))
        .pgmapOwner(owner)
        .flags(select);
  }

  /** Moves pages here. Returns the entries as they are in the end. */
  long[] migrateHere(long page, long pages) {
    process.mm.mm().mmapLock().readLock();
    try {
      MigrateVma migration = migration(page, pages, MigrateVma.SELECT_SYSTEM);
      assertTrue(!devmem.migrateVmaSetup(migration).isError());
      fill(migration, this::allocate);
      devmem.migrateVmaPages(migration);
      devmem.migrateVmaFinalize(migration);
      return migration.src();
    } finally {
      process.mm.mm().mmapLock().readUnlock();
    }
  }
}

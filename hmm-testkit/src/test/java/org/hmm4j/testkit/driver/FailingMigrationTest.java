// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each allocation and each page lock of a migration there and back fails once. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FailingMigrationTest {

  private static final long AT = 0x4000_0000L;
  private static final int PAGES = 6;
  private static final int[] CONTENTS = {11, 12, 13, 14, 0, 0};

  /** Which allocation of the device, or of the memory, fails; -1 for none. */
  private final AtomicInteger allocationsLeft = new AtomicInteger(-1);

  private final Kernel kernel = Kernel.boot(KernelOptions.defaults().failAllocation(this::fails));
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm mm = FakeMm.create(kernel, memory);

  private boolean fails(String type) {
    boolean counted = type.equals("dmirror page") || type.equals("dev_pagemap");
    return counted && allocationsLeft.getAndDecrement() == 0;
  }

  private void fill() {
    assertEquals(Errno.OK, mm.mmap(AT, PAGES * 4096L, Prot.READ_WRITE, Mapping.anonPrivate()));
    for (int i = 0; i < 4; i++) {
      mm.store(AT + i * 4096L, CONTENTS[i]);
    }
    mm.load(AT + 4 * 4096L);
  }

  private void contentsAre(String where) {
    for (int i = 0; i < PAGES; i++) {
      assertEquals(CONTENTS[i], mm.load(AT + i * 4096L).value(), where + ", page " + i);
    }
  }

  /** Everything is given back, and no page is locked. */
  private void end(Dmirror dmirror, DmirrorDevice device) {
    for (int i = 0; i < PAGES; i++) {
      long entry = mm.pte(AT + i * 4096L);
      assertTrue(Pte.isPresent(entry));
      if ((entry & Pte.ZERO) == 0) {
        assertEquals(1, memory.refCount(Pte.pfn(entry)));
        assertTrue(memory.frames().tryLockPage(Pte.pfn(entry)));
        memory.frames().unlockPage(Pte.pfn(entry));
      }
    }
    mm.munmap(AT, PAGES * 4096L);
    dmirror.close();
    assertEquals(0, device.pagesInUse());
    assertEquals(0, memory.framesInUse());
  }

  @ParameterizedTest
  @EnumSource
  void D130_everyAllocationFailsOnce(MemoryType type) {
    int failed = 0;
    for (int number = 0; number < 2 + 2 * PAGES; number++) {
      allocationsLeft.set(-1);
      memory.failAllocation(allocation -> false);
      fill();
      DmirrorDevice device = DmirrorDevice.create(memory, type);
      Dmirror dmirror = IntervalDmirror.open(mm.mm(), device);
      allocationsLeft.set(number);
      Errno there = dmirror.migrateToDevice(AT, new int[PAGES]).errno();
      failed += there == Errno.ENOENT ? 1 : 0;
      memory.failAllocation(failOnce(number));
      assertEquals(Errno.OK, dmirror.migrateToSystem(AT, PAGES).errno());
      contentsAre("failing " + number);
      dmirror.migrateToSystem(AT, PAGES);
      end(dmirror, device);
      device.close();
    }
    assertEquals(1 + PAGES, failed);
    finish();
  }

  private LongPredicate failOnce(int number) {
    AtomicInteger left = new AtomicInteger(number);
    return allocation -> left.getAndDecrement() == 0;
  }

  @ParameterizedTest
  @EnumSource
  void D131_everyPageLosesItsLockOnce(MemoryType type) {
    DmirrorDevice device = DmirrorDevice.create(memory, type);
    for (int lost = 0; lost < 4; lost++) {
      fill();
      Dmirror dmirror = IntervalDmirror.open(mm.mm(), device);
      long pfn = Pte.pfn(mm.pte(AT + lost * 4096L));
      assertTrue(memory.frames().tryLockPage(pfn));
      assertEquals(Errno.ENOENT, dmirror.migrateToDevice(AT, new int[PAGES]).errno());
      memory.frames().unlockPage(pfn);
      assertEquals(PAGES - 1, device.pagesInUse());

      int other = lost == 0 ? 1 : 0;
      long onDevice = Pte.pfn(mm.pte(AT + other * 4096L));
      assertTrue(memory.frames().tryLockPage(onDevice));
      assertEquals(PAGES - 2, dmirror.migrateToSystem(AT, PAGES).cpages());
      memory.frames().unlockPage(onDevice);
      assertEquals(1, device.pagesInUse());
      assertEquals(1, dmirror.migrateToSystem(AT, PAGES).cpages());
      contentsAre("losing " + lost);
      end(dmirror, device);
    }
    device.close();
    finish();
  }

  @Test
  void D130_memoryThatIsBeingTakenAwayKeepsItsFreePages() throws InterruptedException {
    DmirrorDevice device = DmirrorDevice.create(memory, MemoryType.DEVICE_PRIVATE);
    Dmirror dmirror = IntervalDmirror.open(mm.mm(), device);
    fill();
    assertEquals(1, dmirror.migrateToDevice(AT, new int[1]).cpages());
    long onDevice = Pte.pfn(mm.pte(AT));
    DevPagemap chunk = memory.frames().pagemap(onDevice);
    // Behind the back of the device, which still has free pages in its list.
    Thread remover = new Thread(() -> Devmem.of(kernel).memunmapPages(chunk));
    remover.start();
    while (remover.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    Dmirror.Result failed = dmirror.migrateToDevice(AT + 4096, new int[2]);
    assertEquals(Errno.ENOENT, failed.errno());
    assertEquals(2, kernel.warnings().size());
    assertEquals(1, device.pagesInUse());
    assertEquals(1, dmirror.migrateToSystem(AT, 1).cpages());
    remover.join();
    contentsAre("taken away");
    end(dmirror, device);
    mm.exit();
    assertEquals(List.of(), kernel.allocations().live());
  }

  private void finish() {
    mm.exit();
    assertEquals(List.of(), kernel.warnings());
    kernel.shutdown();
  }
}

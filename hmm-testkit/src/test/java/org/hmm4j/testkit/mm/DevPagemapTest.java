// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.hmm4j.devmem.DevPagemapConfig;
import org.hmm4j.devmem.DevPagemapOps;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DevPagemapTest {

  private static final DevPagemapOps OPS = new DevPagemapOps(pfn -> {}, fault -> 0);

  private final Process process = new Process();
  private final Devmem devmem = Devmem.of(process.kernel);
  private final PageFrames frames = process.memory.frames();

  private Errno remap(MemoryType type, Object owner, DevPagemapOps ops, int pages) {
    return devmem.memremapPages(frames, new DevPagemapConfig(type, owner, ops, pages)).errno();
  }

  private static Rule ruleOf(Runnable misuse) {
    return assertThrows(KernelBug.class, misuse::run).rule();
  }

  @Test
  void D101_whatIsMissingIsEinval() {
    MemoryType hidden = MemoryType.DEVICE_PRIVATE;
    DevPagemapOps noFree = new DevPagemapOps(null, fault -> 0);
    DevPagemapOps noReturn = new DevPagemapOps(pfn -> {}, null);

    assertEquals(Errno.EINVAL, remap(hidden, null, OPS, 1));
    assertEquals(Errno.EINVAL, remap(hidden, this, null, 1));
    assertEquals(Errno.EINVAL, remap(hidden, this, noFree, 1));
    assertEquals(Errno.EINVAL, remap(hidden, this, noReturn, 1));
    assertEquals(Errno.EINVAL, remap(hidden, this, OPS, 0));
    assertEquals(Errno.EINVAL, remap(MemoryType.DEVICE_COHERENT, this, noFree, 1));
    assertEquals(Errno.OK, remap(MemoryType.DEVICE_COHERENT, this, noReturn, 1));
  }

  @Test
  void D102_noMemoryIsEnomem() {
    Kernel kernel =
        Kernel.boot(KernelOptions.defaults().failAllocation(type -> type.equals("dev_pagemap")));
    PhysicalMemory memory = PhysicalMemory.create(kernel);

    ErrPtr<?> answer =
        Devmem.of(kernel)
            .memremapPages(
                memory.frames(), new DevPagemapConfig(MemoryType.DEVICE_COHERENT, this, OPS, 1));

    assertEquals(Errno.ENOMEM, answer.errno());
    kernel.shutdown();
  }

  @Test
  void D103_D104_aPageIsBornLockedAndReportedWhenItIsFree() {
    TestMemory device = new TestMemory(process, MemoryType.DEVICE_PRIVATE);
    long pfn = device.allocate();

    assertEquals(1, process.memory.refCount(pfn));
    assertFalse(frames.tryLockPage(pfn));
    assertEquals(device.pagemap, frames.pagemap(pfn));
    assertEquals(1, device.pagemap.pagesInUse());
    assertEquals(Rule.STILL_IN_USE, ruleOf(() -> devmem.zoneDevicePageInit(device.pagemap, pfn)));

    assertTrue(frames.tryGetPage(pfn));
    frames.unlockPage(pfn);
    frames.putPage(pfn);
    assertEquals(List.of(), device.freed);
    frames.putPage(pfn);

    assertEquals(List.of(pfn), device.freed);
    assertEquals(0, device.pagemap.pagesInUse());
    assertFalse(frames.tryGetPage(pfn));
    assertEquals(Rule.DOUBLE_FREE, ruleOf(() -> frames.putPage(pfn)));
    assertTrue(devmem.zoneDevicePageInit(device.pagemap, pfn));
  }

  @Test
  void D103_contentsBeginAsGarbage() {
    TestMemory device = new TestMemory(process, MemoryType.DEVICE_PRIVATE);

    assertEquals(0x5a5a5a5a, process.memory.readWord(device.allocate()));
  }

  @Test
  void D105_takingAwayWaitsForEveryPage() throws InterruptedException {
    TestMemory device = new TestMemory(process, MemoryType.DEVICE_PRIVATE);
    long pfn = device.allocate();
    Thread remover = new Thread(() -> devmem.memunmapPages(device.pagemap));
    remover.start();
    while (remover.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    assertFalse(devmem.zoneDevicePageInit(device.pagemap, device.pagemap.firstPfn() + 1));
    assertEquals(1, process.kernel.warnings().size());
    assertTrue(remover.isAlive());
    frames.unlockPage(pfn);
    frames.putPage(pfn);
    remover.join();

    assertEquals(List.of(pfn), device.freed);
    assertEquals(Rule.DOUBLE_FREE, ruleOf(() -> devmem.memunmapPages(device.pagemap)));
    assertEquals(Rule.NOT_REGISTERED, ruleOf(() -> frames.pagemap(pfn)));
  }

  @Test
  void aPageOfAnotherDeviceIsAWiringMistake() {
    TestMemory device = new TestMemory(process, MemoryType.DEVICE_PRIVATE);
    long behind = device.pagemap.firstPfn() + TestMemory.PAGES;

    assertThrows(
        IllegalArgumentException.class, () -> devmem.zoneDevicePageInit(device.pagemap, behind));
    assertNull(frames.pagemap(process.memory.zeroPfn()));
  }
}

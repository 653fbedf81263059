// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.mm.DeviceMemory;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.FaultInterceptor;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PageMigration;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each kind of entry that the fake mm makes, as the page walk of a device sees it, without and with
 * a request: the rows of the branch table of {@code hmm_range_fault}, mm/hmm.c, Linux 6.1. {@link
 * WalkThroughUpperLevelsTest} has the huge memory of devices, and entries that Linux 6.1 never
 * makes.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WalkThroughFakeMmTest {

  private static final long AT = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final long HUGE_PAGE = 512 * PAGE;
  private static final long ORDER_9 = 9L << HmmPfn.ORDER_SHIFT;
  private static final long FAULT = HmmPfn.REQ_FAULT;
  private static final long WRITE = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm mm = FakeMm.create(kernel, memory);
  private final List<Dmirror> devices =
      List.of(IntervalDmirror.open(mm.mm(), memory), MirrorDmirror.open(mm.mm(), memory));

  @AfterEach
  void nothingIsLeft() {
    devices.forEach(Dmirror::close);
    mm.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(0, memory.swap().slotsInUse());
    assertEquals(List.of(), kernel.warnings());
  }

  private void map(Prot prot, Mapping mapping) {
    assertEquals(Errno.OK, mm.mmap(AT, PAGE, prot, mapping));
  }

  /** A page of memory with a word in it. */
  private void written(int value) {
    map(Prot.READ_WRITE, Mapping.anonPrivate());
    mm.store(AT, value);
  }

  private long frame() {
    return Pte.pfn(mm.pte(AT));
  }

  private static HmmRange range(long request) {
    HmmRange range = HmmRange.of(AT, AT + PAGE).pfnFlagsMask(-1L);
    range.pfns()[0] = request;
    return range;
  }

  /** Both drivers get this answer without a request, and nothing is faulted in. */
  private void snapshotIs(long answer) {
    long before = mm.pte(AT);
    for (Dmirror device : devices) {
      HmmRange range = range(0);
      assertEquals(Errno.OK, device.rangeFault(range));
      assertEquals(answer, range.pfn(0), device.toString());
    }
    assertEquals(before, mm.pte(AT));
  }

  /** Both drivers fail with a request, for reading and for writing. */
  private void requestFails(Errno errno) {
    long before = mm.pte(AT);
    for (Dmirror device : devices) {
      assertEquals(errno, device.rangeFault(range(FAULT)));
      assertEquals(errno, device.rangeFault(range(WRITE)));
    }
    assertEquals(before, mm.pte(AT));
  }

  /** A driver gets the page of the entry that is there afterwards. */
  private void requestGives(int driver, long request, long flags) {
    HmmRange range = range(request);
    assertEquals(Errno.OK, devices.get(driver).rangeFault(range));
    assertEquals(frame() | flags, range.pfn(0));
  }

  @Test
  void R133_row1NoVma() {
    snapshotIs(HmmPfn.ERROR);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R134_row2RegistersOfADevice() {
    map(Prot.READ_WRITE, Mapping.io(DeviceMemory.create(memory, 1), 0));
    assertTrue(Pte.isPresent(mm.pte(AT)));
    snapshotIs(HmmPfn.ERROR);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R134_row2RawMemoryOfADevice() {
    map(Prot.READ_WRITE, Mapping.pfnMap(DeviceMemory.create(memory, 1), 0));
    mm.store(AT, 1);
    snapshotIs(HmmPfn.ERROR);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R134_row2NoRightToRead() {
    written(1);
    mm.mprotect(AT, PAGE, Prot.NONE);
    snapshotIs(HmmPfn.ERROR);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R135_row3NoTable() {
    map(Prot.READ_WRITE, Mapping.anonPrivate());
    snapshotIs(0);
    requestGives(0, FAULT, HmmPfn.VALID);
    mm.munmap(AT, PAGE);
    map(Prot.READ_WRITE, Mapping.anonPrivate());
    requestGives(1, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
  }

  /** Memory for one huge page, advised huge or of hugetlb. */
  private void mapHuge(Mapping mapping) {
    assertEquals(Errno.OK, mm.mmap(AT, HUGE_PAGE, Prot.READ_WRITE, mapping));
    mm.madviseHugepage(AT, HUGE_PAGE);
  }

  private static HmmRange part(long request) {
    return HmmRange.of(AT + 7 * PAGE, AT + 9 * PAGE).defaultFlags(request);
  }

  private void answersPart(long request, long first, long second) {
    for (Dmirror device : devices) {
      HmmRange range = part(request);
      assertEquals(Errno.OK, device.rangeFault(range));
      assertEquals(first, range.pfn(0), device.toString());
      assertEquals(second, range.pfn(1), device.toString());
    }
  }

  @Test
  void R135_row3EmptyPmdIsFaultedAsAHugePage() {
    mapHuge(Mapping.anonPrivate());
    answersPart(0, 0, 0);
    HmmRange range = part(WRITE);
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    assertEquals((frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9, range.pfn(0));
  }

  @Test
  void R137_row4HugePageUnderMigration() throws InterruptedException {
    mapHuge(Mapping.anonPrivate());
    mm.store(AT, 1);
    long old = frame();
    PageMigration migration = mm.beginMigration(AT);
    answersPart(0, 0, 0);
    for (Dmirror device : devices) {
      CountDownLatch done = new CountDownLatch(1);
      HmmRange range = part(FAULT);
      Task reader =
          kernel
              .machine()
              .spawn(
                  "reader",
                  () -> {
                    assertEquals(Errno.OK, device.rangeFault(range));
                    done.countDown();
                  });
      assertFalse(done.await(20, TimeUnit.MILLISECONDS));
      migration.finish();
      reader.join();
      assertNotEquals(old, frame());
      assertEquals((frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9, range.pfn(0));
      old = frame();
      migration = mm.beginMigration(AT);
    }
    migration.putBack();
  }

  @Test
  void R139_row6HugePage() {
    mapHuge(Mapping.anonPrivate());
    mm.store(AT, 1);
    long answer = (frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9;
    answersPart(0, answer, answer + 1);
    answersPart(WRITE, answer, answer + 1);
  }

  @Test
  void R139_row6HugeZeroPageIsReadAsOneAndWrittenInParts() {
    mapHuge(Mapping.anonPrivate());
    mm.load(AT);
    long answer = (frame() + 7) | HmmPfn.VALID | ORDER_9;
    answersPart(FAULT, answer, answer + 1);
    HmmRange range = part(WRITE);
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    assertEquals(Pte.pfn(mm.pte(AT + 7 * PAGE)) | HmmPfn.VALID | HmmPfn.WRITE, range.pfn(0));
  }

  @Test
  void R140_row6NumaHint() {
    mapHuge(Mapping.anonPrivate());
    mm.store(AT, 1);
    mm.numaHint(AT, AT + HUGE_PAGE);
    answersPart(0, frame() + 7, frame() + 8);
    long answer = (frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9;
    answersPart(FAULT, answer, answer + 1);
  }

  @Test
  void R142_row8NoPud() {
    long other = 1L << 40;
    assertEquals(Errno.OK, mm.mmap(other, PAGE, Prot.READ_WRITE, Mapping.anonPrivate()));
    HmmRange range = HmmRange.of(other, other + PAGE);
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    assertEquals(0, range.pfn(0));
    assertEquals(Errno.OK, devices.get(1).rangeFault(range.defaultFlags(FAULT)));
    assertEquals(HmmPfn.VALID, range.pfn(0) & HmmPfn.VALID);
  }

  @Test
  void R145_R146_row12Hugetlb() {
    memory.huge().hugetlb().resize(1);
    mapHuge(Mapping.hugetlbPrivate());
    mm.store(AT, 1);
    long answer = (frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9;
    answersPart(0, answer, answer + 1);
    mm.mprotect(AT, HUGE_PAGE, Prot.READ);
    answersPart(FAULT, answer & ~HmmPfn.WRITE, answer + 1 & ~HmmPfn.WRITE);
    HmmRange range = part(0).pfnFlagsMask(-1L);
    range.pfns()[1] = WRITE;
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    range.pfns()[0] = WRITE;
    assertEquals(Errno.EPERM, devices.get(0).rangeFault(range));
    mm.madviseDontneed(AT, HUGE_PAGE);
    answersPart(0, ORDER_9 | 7, ORDER_9 | 8);
  }

  @Test
  void R147_row13HugetlbWithoutATable() {
    memory.huge().hugetlb().resize(1);
    mapHuge(Mapping.hugetlbPrivate());
    answersPart(0, 0, 0);
    HmmRange range = part(WRITE);
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    assertEquals((frame() + 7) | HmmPfn.VALID | HmmPfn.WRITE | ORDER_9, range.pfn(0));
  }

  @Test
  void R148_row14EmptyEntry() {
    for (int driver = 0; driver < 2; driver++) {
      written(1);
      mm.madviseDontneed(AT, PAGE);
      assertEquals(Pte.TABLE, mm.pageTables().pmd(AT));
      snapshotIs(0);
      requestGives(driver, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
    }
  }

  @Test
  void R151_row17SwappedOut() {
    for (int driver = 0; driver < 2; driver++) {
      for (long request : new long[] {FAULT, WRITE}) {
        written(7);
        assertTrue(mm.reclaim(AT));
        snapshotIs(0);
        long write = request == WRITE ? HmmPfn.WRITE : 0;
        requestGives(driver, request, HmmPfn.VALID | write);
        assertEquals(7, memory.readWord(frame()));
        assertEquals(0, memory.swap().slotsInUse());
      }
    }
  }

  @Test
  void R149_row15OwnPrivateMemoryIsNeverFaulted() {
    written(1);
    assertEquals(Errno.OK, devices.get(0).migrateToDevice(AT, new int[1]).errno());
    long own = frame() | HmmPfn.VALID | HmmPfn.WRITE;

    for (long request : new long[] {0, FAULT, WRITE}) {
      HmmRange range = range(request);
      assertEquals(Errno.OK, devices.get(0).rangeFault(range));
      assertEquals(own, range.pfn(0));
    }
    mm.mprotect(AT, PAGE, Prot.READ);
    HmmRange range = range(WRITE);
    assertEquals(Errno.OK, devices.get(0).rangeFault(range));
    assertEquals(own & ~HmmPfn.WRITE, range.pfn(0));
  }

  @Test
  void R150_row16PrivateMemoryOfAnotherDeviceComesBack() {
    written(1);
    assertEquals(Errno.OK, devices.get(0).migrateToDevice(AT, new int[1]).errno());
    HmmRange range = range(0);
    assertEquals(Errno.OK, devices.get(1).rangeFault(range));
    assertEquals(0, range.pfn(0));
    assertEquals(Pte.DEVICE_PRIVATE, Pte.kind(mm.pte(AT)));

    requestGives(1, WRITE, HmmPfn.VALID | HmmPfn.WRITE);

    assertEquals(1, mm.load(AT).value());
  }

  @Test
  void R152_row18ExclusiveAccessIsRevoked() {
    written(1);
    assertEquals(Errno.OK, devices.get(0).exclusive(AT, new int[1]).errno());
    assertEquals(Errno.EPERM, devices.get(0).checkExclusive(AT, 1));
    snapshotIs(0);

    requestGives(1, FAULT, HmmPfn.VALID | HmmPfn.WRITE);

    assertEquals(Errno.OK, devices.get(0).checkExclusive(AT, 1));
  }

  @Test
  void R153_row19UnderMigration() throws InterruptedException {
    for (int driver = 0; driver < 2; driver++) {
      for (int round = 0; round < 20; round++) {
        written(7);
        PageMigration migration = mm.beginMigration(AT);
        snapshotIs(0);
        HmmRange range = range(WRITE);
        Dmirror device = devices.get(driver);
        CountDownLatch begun = new CountDownLatch(1);
        Errno[] answer = new Errno[1];
        Task task =
            kernel
                .machine()
                .spawn(
                    "device",
                    () -> {
                      begun.countDown();
                      answer[0] = device.rangeFault(range);
                    });
        begun.await();
        assertTrue(migration.finish());
        task.join();
        assertEquals(Optional.empty(), task.failure());
        assertEquals(Errno.OK, answer[0]);
        assertEquals(migration.target() | HmmPfn.VALID | HmmPfn.WRITE, range.pfn(0));
      }
    }
  }

  @Test
  void R154_row20MemoryError() {
    written(7);
    assertTrue(mm.memoryFailure(AT));
    snapshotIs(0);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R156_row21NumaHint() {
    int[] faults = new int[1];
    mm.intercept(
        (vma, address, flags) -> {
          faults[0]++;
          return 0;
        });
    mm.misplaced(address -> true);
    for (int driver = 0; driver < 2; driver++) {
      written(7);
      assertTrue(mm.numaHint(AT, AT + PAGE));
      long old = frame();
      // Not VALID, but not empty either: who looks at the frame without VALID is wrong.
      snapshotIs(old);
      faults[0] = 0;
      requestGives(driver, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
      assertEquals(1, faults[0]);
      assertNotEquals(old, frame());
      assertEquals(7, memory.readWord(frame()));
    }
  }

  @Test
  void R155_row22PageAndZeroPage() {
    written(7);
    snapshotIs(frame() | HmmPfn.VALID | HmmPfn.WRITE);
    requestGives(0, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
    mm.mprotect(AT, PAGE, Prot.READ);
    requestGives(1, FAULT, HmmPfn.VALID);
    assertEquals(Errno.EPERM, devices.get(0).rangeFault(range(WRITE)));
    mm.munmap(AT, PAGE);
    map(Prot.READ_WRITE, Mapping.anonPrivate());
    mm.load(AT);
    snapshotIs(memory.zeroPfn() | HmmPfn.VALID);
    requestGives(0, FAULT, HmmPfn.VALID);
    assertEquals(memory.zeroPfn(), frame());
    requestGives(1, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
    assertNotEquals(memory.zeroPfn(), frame());
  }

  @Test
  void R157_rows23And24SpecialEntry() {
    DeviceMemory device = DeviceMemory.create(memory, 1);
    map(Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    snapshotIs(0);
    mm.store(AT, 5);
    assertEquals(device.pfn(0), frame());
    snapshotIs(HmmPfn.ERROR);
    requestFails(Errno.EFAULT);
  }

  @Test
  void R148_R157_row14OfAMixedMappingEndsInRow23() {
    map(Prot.READ_WRITE, Mapping.mixedMap(DeviceMemory.create(memory, 1), 0));
    assertEquals(Errno.EFAULT, devices.get(0).rangeFault(range(FAULT)));
    assertTrue(Pte.isPresent(mm.pte(AT)), "the fault was served all the same");
  }

  @Test
  void R155_row22PageOfAMixedMapping() {
    DeviceMemory device = DeviceMemory.create(memory, 1);
    device.backWithPage(0);
    map(Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    requestGives(0, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
    snapshotIs(frame() | HmmPfn.VALID | HmmPfn.WRITE);
    device.close();
  }

  @Test
  void R132_faultThatTakesSeveralRounds() {
    mm.intercept(FaultInterceptor.rounds(3));
    for (int driver = 0; driver < 2; driver++) {
      map(Prot.READ_WRITE, Mapping.anonPrivate());
      requestGives(driver, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
      mm.munmap(AT, PAGE);
    }
  }

  @Test
  void faultThatWantsToDropTheLock() {
    mm.intercept(FaultInterceptor.dropLock());
    for (int driver = 0; driver < 2; driver++) {
      map(Prot.READ_WRITE, Mapping.anonPrivate());
      requestGives(driver, WRITE, HmmPfn.VALID | HmmPfn.WRITE);
      mm.munmap(AT, PAGE);
    }
  }

  @Test
  void R127_faultThatFails() {
    for (int error : new int[] {VmFault.OOM, VmFault.SIGBUS, VmFault.SIGSEGV, VmFault.HWPOISON}) {
      mm.intercept(FaultInterceptor.failing(error));
      map(Prot.READ_WRITE, Mapping.anonPrivate());
      snapshotIs(0);
      requestFails(Errno.EFAULT);
    }
  }
}

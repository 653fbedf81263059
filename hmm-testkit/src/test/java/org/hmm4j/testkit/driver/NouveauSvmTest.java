// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.driver.NouveauSvm.Access;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.Test;

/** The nouveau-like driver against the fake mm: what it reads, writes and survives. */
final class NouveauSvmTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 40;

  private final Kernel kernel = Kernel.boot();
  private final MmuNotifiers notifiers = MmuNotifiers.of(kernel);
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm process = FakeMm.create(kernel, memory);
  private final MmStruct mm = process.mm();
  private final NouveauSvm gpu = NouveauSvm.open(mm, memory);

  private void map() {
    process.mmap(BASE, PAGES * PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
  }

  private NavigableMap<Long, DevicePageTable.Entry> gpuPages() {
    return underMutex(() -> gpu.pageTable().snapshot());
  }

  private <T> T underMutex(Supplier<T> look) {
    gpu.pageTable().lock().lock();
    try {
      return look.get();
    } finally {
      gpu.pageTable().lock().unlock();
    }
  }

  private MmuNotifierRange change(long page) {
    return MmuNotifierRange.of(
        mm, MmuNotifierEvent.CLEAR, BASE + page * PAGE, BASE + (page + 1) * PAGE);
  }

  private void elsewhere(Runnable work) {
    Task task = kernel.machine().spawn("cpu", work);
    task.join();
    assertEquals(Optional.empty(), task.failure());
  }

  /** Ends everything and requires that nothing is left. */
  private void assertClean() {
    assertFalse(mm.mmapLock().isHeld());
    assertFalse(gpu.pageTable().lock().isHeld());
    gpu.close();
    if (mm.mmUsers() > 0) {
      process.exit();
    }
    notifiers.synchronize();
    assertEquals(0, mm.mmCount());
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.allocations().live());
    assertEquals(List.of(), kernel.warnings());
  }

  @Test
  void theGpuSeesWhatTheCpuStoresAndTheOtherWayRound() {
    map();
    for (int i = 0; i < PAGES; i++) {
      process.store(BASE + i * PAGE, 100 + i);
    }
    int[] values = new int[PAGES];
    assertEquals(Errno.OK, gpu.read(BASE, values));
    for (int i = 0; i < PAGES; i++) {
      assertEquals(100 + i, values[i]);
      values[i] = 500 + i;
    }
    assertEquals(Errno.OK, gpu.write(BASE, values));
    for (int i = 0; i < PAGES; i++) {
      assertEquals(500 + i, process.load(BASE + i * PAGE).value());
    }
    assertClean();
  }

  @Test
  void aFaultMapsSixteenPagesAtMostAndNotBeyondTheVma() {
    map();
    long end = BASE + PAGES * PAGE;
    assertEquals(Errno.OK, gpu.fault(BASE, end, Access.READ));
    assertEquals(16, gpuPages().size());
    assertEquals(Errno.OK, gpu.fault(end - 3 * PAGE, end + 8 * PAGE, Access.WRITE));
    assertEquals(19, gpuPages().size());
    assertTrue(gpuPages().lastEntry().getValue().writable());
    assertEquals(Errno.OK, gpu.fault(BASE + 20 * PAGE, BASE + 21 * PAGE, Access.READ));
    assertEquals(20, gpuPages().size());
    assertClean();
  }

  @Test
  void aPageMappedToReadIsFaultedAgainToWrite() {
    map();
    int[] word = new int[1];
    assertEquals(Errno.OK, gpu.read(BASE, word));
    assertFalse(gpuPages().get(BASE / PAGE).writable(), "the zero page");
    word[0] = 7;
    assertEquals(Errno.OK, gpu.write(BASE, word));
    assertEquals(7, process.load(BASE).value());
    assertClean();
  }

  @Test
  void faultsThatCantBeServedAreCancelled() {
    map();
    int[] word = new int[1];
    assertEquals(Errno.EFAULT, gpu.read(BASE - PAGE, word), "before the VMA");
    assertEquals(Errno.EFAULT, gpu.read(BASE + PAGES * PAGE, word), "behind the last");
    process.mprotect(BASE, PAGE, Prot.READ);
    assertEquals(Errno.EPERM, gpu.write(BASE, word));
    process.mprotect(BASE, PAGE, Prot.NONE);
    assertEquals(Errno.EFAULT, gpu.read(BASE, word));
    assertEquals(Errno.EINVAL, gpu.fault(BASE, BASE, Access.READ));
    assertEquals(Errno.EINVAL, gpu.fault(BASE + 1, BASE + PAGE, Access.READ));
    assertEquals(Errno.EINVAL, gpu.fault(BASE, BASE + 1, Access.READ));
    assertClean();
  }

  @Test
  void anInvalidationTakesThePagesFromTheGpu() {
    map();
    gpu.write(BASE, new int[4]);
    process.munmap(BASE + PAGE, PAGE);
    assertFalse(gpuPages().containsKey(BASE / PAGE + 1));
    assertTrue(gpuPages().containsKey(BASE / PAGE + 3));
    assertEquals(Errno.EFAULT, gpu.read(BASE + PAGE, new int[1]));
    assertClean();
  }

  @Test
  void anInvalidationThatMayNotSleepIsRefusedAtOnceEvenIfNothingOverlaps() {
    map();
    gpu.write(BASE, new int[1]);
    assertEquals(Errno.EAGAIN, notifiers.invalidateRangeStartNonblock(change(20).nonBlockable()));
    assertEquals(1, gpuPages().size());
    assertEquals(Errno.OK, gpu.read(BASE + PAGE, new int[1]), "nothing is left invalid");
    assertClean();
  }

  @Test
  void p21_anInvalidationThatRunsWhileFaultingIsSurvived() {
    map();
    AtomicInteger faults = new AtomicInteger();
    Task[] ending = new Task[1];
    process.intercept(
        (vma, address, flags) -> {
          if (faults.getAndIncrement() == 0) {
            notifiers.invalidateRangeStart(change(0));
            ending[0] =
                kernel.machine().spawn("end", () -> notifiers.invalidateRangeEnd(change(0)));
          }
          return 0;
        });
    int[] values = {1, 2, 3, 4};
    assertEquals(Errno.OK, gpu.write(BASE, values));
    ending[0].join();
    assertEquals(4, process.load(BASE + 3 * PAGE).value());
    assertClean();
  }

  @Test
  void x01_aWholeInvalidationBetweenFaultAndCheckIsSurvivedToo() {
    map();
    process.store(BASE, 1);
    AtomicInteger faults = new AtomicInteger();
    process.intercept(
        (vma, address, flags) -> {
          // The answer of page 0 is written, page 1 is being faulted in.
          if (faults.getAndIncrement() == 0) {
            assertEquals(BASE + PAGE, address);
            elsewhere(() -> process.madviseDontneed(BASE, PAGE));
          }
          return 0;
        });
    assertEquals(Errno.OK, gpu.fault(BASE, BASE + 2 * PAGE, Access.READ));
    DevicePageTable.Entry entry = gpuPages().get(BASE / PAGE);
    assertEquals(Pte.pfn(process.pte(BASE)), entry.pfn(), "not the page that was thrown away");
    int[] values = {9};
    assertEquals(Errno.OK, gpu.read(BASE, values));
    assertArrayEquals(new int[] {0}, values);
    assertClean();
  }

  @Test
  void R257_p20_noRestForASecondIsEbusyAndLeaksNothing() {
    map();
    notifiers.invalidateRangeStart(change(0));
    assertEquals(Errno.EBUSY, gpu.fault(BASE, BASE + PAGE, Access.READ));
    assertEquals(1, mm.mmUsers());
    notifiers.invalidateRangeEnd(change(0));
    assertEquals(Errno.OK, gpu.fault(BASE, BASE + PAGE, Access.READ));
    assertClean();
  }

  @Test
  void R241_p02_releaseStopsTheGpu() {
    map();
    gpu.write(BASE, new int[PAGES]);
    process.exit();
    assertEquals(0, gpuPages().size());
    assertEquals(Errno.EFAULT, gpu.read(BASE, new int[1]));
    assertClean();
  }

  @Test
  void aMirrorThatCantBeRegisteredIsNotOpened() {
    Kernel poor = Kernel.boot(KernelOptions.defaults().failAllocation("hmm"::equals));
    PhysicalMemory empty = PhysicalMemory.create(poor);
    FakeMm other = FakeMm.create(poor, empty);
    String message =
        assertThrows(IllegalStateException.class, () -> NouveauSvm.open(other.mm(), empty))
            .getMessage();
    assertTrue(message.contains("ENOMEM"), message);
    assertFalse(other.mm().mmapLock().isHeld());
    other.exit();
    assertEquals(List.of(), poor.allocations().live());
  }
}

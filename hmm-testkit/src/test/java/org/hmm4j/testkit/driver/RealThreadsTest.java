// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Four CPU threads change one address space under both drivers, on real threads. When all is quiet
 * the devices must not map anything that the CPU page tables don't, nothing may be held or leaked,
 * and nobody may have been warned.
 */
final class RealThreadsTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 96;
  private static final int FILE_PAGES = 64;
  private static final int CPU_TASKS = 4;
  private static final int CPU_OPERATIONS = 150_000;
  private static final int DEVICE_OPERATIONS = 75_000;
  private static final long FIRST_SEED = 20261121;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeFile file = FakeFile.create(memory, FILE_PAGES);
  private final FakeMm process = FakeMm.create(kernel, memory);

  @RepeatedTest(2)
  @DisplayName("four CPU threads, two devices, one address space")
  void R261_devicesAgreeWithTheCpuWhenAllIsQuiet(RepetitionInfo repetition) {
    long seed = FIRST_SEED + repetition.getCurrentRepetition();
    System.out.println("RealThreadsTest: seed " + seed);
    SplittableRandom seeds = new SplittableRandom(seed);
    Dmirror interval = IntervalDmirror.open(process.mm(), memory);
    Dmirror mirror = MirrorDmirror.open(process.mm(), memory);

    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < CPU_TASKS; i++) {
      SplittableRandom random = seeds.split();
      tasks.add(kernel.machine().spawn("cpu" + i, () -> changeMemory(random)));
    }
    for (Dmirror device : List.of(interval, mirror)) {
      SplittableRandom random = seeds.split();
      String name = device.getClass().getSimpleName();
      tasks.add(kernel.machine().spawn(name, () -> useDevice(device, random)));
    }
    for (Task task : tasks) {
      task.join();
      assertEquals(Optional.empty(), task.failure(), task + " failed, seed " + seed);
    }

    assertAgrees(interval, "seed " + seed);
    assertAgrees(mirror, "seed " + seed);
    assertTrue(process.mm().mmapLock().writeTryLock(), "the mmap lock is free");
    process.mm().mmapLock().writeUnlock();
    assertEquals(1, process.mm().mmUsers());
    interval.close();
    mirror.close();
    process.exit();
    file.close();
    assertEquals(0, process.mm().mmCount());
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.allocations().live());
    assertEquals(List.of(), kernel.warnings());
  }

  private void changeMemory(SplittableRandom random) {
    for (int i = 0; i < CPU_OPERATIONS; i++) {
      int page = random.nextInt(PAGES);
      int count = 1 + random.nextInt(Math.min(16, PAGES - page));
      long start = BASE + page * PAGE;
      long length = count * PAGE;
      switch (random.nextInt(16)) {
        case 0, 1 -> process.mmap(start, length, prot(random), mapping(random, page));
        case 2 -> process.munmap(start, length);
        case 3, 4 -> process.mprotect(start, length, prot(random));
        case 5 -> process.madviseDontneed(start, length);
        case 6 -> process.mremap(start, length, BASE + random.nextInt(PAGES - count + 1) * PAGE);
        case 7, 8, 9, 10 -> process.load(start);
        default -> process.store(start, random.nextInt());
      }
    }
  }

  private static Prot prot(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> Prot.NONE;
      case 1, 2 -> Prot.READ;
      default -> Prot.READ_WRITE;
    };
  }

  private Mapping mapping(SplittableRandom random, int page) {
    return switch (random.nextInt(6)) {
      case 0 -> Mapping.anonShared();
      case 1 -> Mapping.filePrivate(file, page);
      case 2 -> Mapping.fileShared(file, page);
      default -> Mapping.anonPrivate();
    };
  }

  private void useDevice(Dmirror device, SplittableRandom random) {
    for (int i = 0; i < DEVICE_OPERATIONS; i++) {
      int page = random.nextInt(PAGES);
      int count = 1 + random.nextInt(Math.min(16, PAGES - page));
      long start = BASE + page * PAGE;
      switch (random.nextInt(4)) {
        case 0 -> device.write(start, new int[count]);
        case 1 -> device.snapshot(start, new byte[count]);
        case 2 -> {
          HmmRange range = HmmRange.of(start, start + count * PAGE).pfnFlagsMask(-1L);
          range.pfns()[random.nextInt(count)] = HmmPfn.REQ_FAULT;
          device.rangeFault(range);
        }
        default -> device.read(start, new int[count]);
      }
    }
  }

  private void assertAgrees(Dmirror device, String seed) {
    Mutex lock = device.pageTable().lock();
    assertTrue(lock.tryLock(), "the lock of " + device + " is free, " + seed);
    Map<Long, DevicePageTable.Entry> entries = device.pageTable().snapshot();
    lock.unlock();
    entries.forEach(
        (index, entry) -> {
          long pte = process.pte(index * PAGE);
          String where =
              "page 0x%x: device %s, CPU %s, %s".formatted(index, entry, Pte.toString(pte), seed);
          assertTrue(Pte.isPresent(pte), where);
          assertEquals(Pte.pfn(pte), entry.pfn(), where);
          assertTrue(!entry.writable() || Pte.isWritable(pte), where);
        });
  }
}

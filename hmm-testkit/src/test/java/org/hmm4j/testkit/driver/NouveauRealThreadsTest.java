// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.Test;

/**
 * Two CPU threads change an address space while two GPU contexts fault in it. A stale mapping would
 * show as an access to a free frame, or in the comparison when all is quiet.
 */
final class NouveauRealThreadsTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 48;
  private static final int CPU_OPERATIONS = 60_000;
  private static final int GPU_OPERATIONS = 30_000;
  private static final long SEED = 20190701;
  private static final Set<Errno> ANSWERS =
      EnumSet.of(Errno.OK, Errno.EFAULT, Errno.EPERM, Errno.EBUSY);

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm process = FakeMm.create(kernel, memory);

  @Test
  void R261_theGpuAgreesWithTheCpuWhenAllIsQuiet() {
    System.out.println("NouveauRealThreadsTest: seed " + SEED);
    SplittableRandom seeds = new SplittableRandom(SEED);
    NouveauSvm gpu = NouveauSvm.open(process.mm(), memory);
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      SplittableRandom cpu = seeds.split();
      SplittableRandom context = seeds.split();
      tasks.add(kernel.machine().spawn("cpu" + i, () -> changeMemory(cpu)));
      tasks.add(kernel.machine().spawn("gpu" + i, () -> useGpu(gpu, context)));
    }
    for (Task task : tasks) {
      task.join();
      assertEquals(Optional.empty(), task.failure(), task + " failed, seed " + SEED);
    }
    assertAgrees(gpu);
    assertEquals(1, process.mm().mmUsers());
    process.exit();
    gpu.close();
    assertEquals(0, process.mm().mmCount());
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.allocations().live());
    assertEquals(List.of(), kernel.warnings());
  }

  private void changeMemory(SplittableRandom random) {
    for (int i = 0; i < CPU_OPERATIONS; i++) {
      int page = random.nextInt(PAGES);
      int count = 1 + random.nextInt(Math.min(8, PAGES - page));
      long start = BASE + page * PAGE;
      long length = count * PAGE;
      switch (random.nextInt(12)) {
        case 0, 1 -> process.mmap(start, length, Prot.READ_WRITE, Mapping.anonPrivate());
        case 2 -> process.munmap(start, length);
        case 3 -> process.mprotect(start, length, Prot.READ);
        case 4 -> process.mprotect(start, length, Prot.READ_WRITE);
        case 5, 6 -> process.madviseDontneed(start, length);
        case 7, 8 -> process.load(start);
        default -> process.store(start, random.nextInt());
      }
    }
  }

  private static void useGpu(NouveauSvm gpu, SplittableRandom random) {
    for (int i = 0; i < GPU_OPERATIONS; i++) {
      int page = random.nextInt(PAGES);
      int count = 1 + random.nextInt(Math.min(24, PAGES - page));
      long start = BASE + page * PAGE;
      Errno errno =
          random.nextBoolean() ? gpu.read(start, new int[count]) : gpu.write(start, new int[count]);
      assertTrue(ANSWERS.contains(errno), errno::toString);
    }
  }

  private void assertAgrees(NouveauSvm gpu) {
    gpu.pageTable().lock().lock();
    Map<Long, DevicePageTable.Entry> entries = gpu.pageTable().snapshot();
    gpu.pageTable().lock().unlock();
    entries.forEach(
        (index, entry) -> {
          long pte = process.pte(index * PAGE);
          String where =
              "page 0x%x: GPU %s, CPU %s, seed %d".formatted(index, entry, Pte.toString(pte), SEED);
          assertTrue(Pte.isPresent(pte), where);
          assertEquals(Pte.pfn(pte), entry.pfn(), where);
          assertTrue(!entry.writable() || Pte.isWritable(pte), where);
        });
  }
}

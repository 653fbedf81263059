// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PageMigration;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.mm.Signal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Reclaim, NUMA balancing and migration beside CPU tasks and both drivers, on real threads: every
 * page keeps what its owner wrote last, devices map nothing that the CPU page tables don't, and no
 * frame, slot, lock or count is left over.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReclaimThreadsTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int OWNERS = 4;
  private static final int PAGES_EACH = 8;
  private static final int PAGES = OWNERS * PAGES_EACH;
  private static final int OPERATIONS = 60_000;
  private static final long FIRST_SEED = 20261122;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel, 1, PAGES / 2);
  private final FakeFile file = FakeFile.create(memory, PAGES);
  private final FakeMm process = FakeMm.create(kernel, memory);
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger reclaimed = new AtomicInteger();
  private final AtomicInteger moved = new AtomicInteger();
  private final AtomicInteger hinted = new AtomicInteger();

  @RepeatedTest(3)
  @DisplayName("pages keep their contents wherever they go")
  void M028_contentsAreKept(RepetitionInfo repetition) {
    long seed = FIRST_SEED + repetition.getCurrentRepetition();
    SplittableRandom seeds = new SplittableRandom(seed);
    SplittableRandom misplaced = seeds.split();
    boolean[] moves = new boolean[64];
    for (int i = 0; i < moves.length; i++) {
      moves[i] = misplaced.nextBoolean();
    }
    process.misplaced(address -> moves[(int) (address / PAGE) % moves.length]);
    map();
    Dmirror interval = IntervalDmirror.open(process.mm(), memory);
    Dmirror mirror = MirrorDmirror.open(process.mm(), memory);

    List<Task> owners = new ArrayList<>();
    owners.add(spawn("cpu0", seeds, random -> ownByCpu(0, random)));
    owners.add(spawn("cpu1", seeds, random -> ownByCpu(1, random)));
    owners.add(spawn("interval", seeds, random -> ownByDevice(2, interval, random)));
    owners.add(spawn("mirror", seeds, random -> ownByDevice(3, mirror, random)));
    List<Task> others = new ArrayList<>();
    others.add(spawn("kswapd", seeds, this::reclaim));
    others.add(spawn("numa", seeds, this::balance));
    others.add(spawn("compaction", seeds, this::migrate));
    others.add(spawn("mprotect", seeds, this::changeNeighbours));
    String where = "seed " + seed;
    join(owners, where);
    done.set(true);
    join(others, where);

    assertTrue(reclaimed.get() > 100, reclaimed + " pages were reclaimed, " + where);
    assertTrue(hinted.get() > 100, hinted + " ranges were hinted, " + where);
    assertTrue(moved.get() > 100, moved + " pages were moved, " + where);
    assertAgrees(interval, where);
    assertAgrees(mirror, where);
    assertTrue(process.mm().mmapLock().writeTryLock(), "the mmap lock is free");
    process.mm().mmapLock().writeUnlock();
    interval.close();
    mirror.close();
    process.exit();
    file.close();
    assertEquals(0, process.mm().mmCount(), where);
    assertEquals(0, memory.framesInUse(), where);
    assertEquals(0, memory.swap().slotsInUse(), where);
    assertEquals(List.of(), kernel.allocations().live(), where);
    assertEquals(List.of(), kernel.warnings(), where);
  }

  /** Each owner has pages of all kinds. */
  private void map() {
    for (int i = 0; i < PAGES; i += 4) {
      Mapping[] kinds = {
        Mapping.anonPrivate(),
        Mapping.filePrivate(file, i),
        Mapping.fileShared(file, i),
        Mapping.anonShared()
      };
      Mapping kind = i % 8 == 0 ? kinds[0] : kinds[1 + (i / 8) % 3];
      assertEquals(Errno.OK, process.mmap(BASE + i * PAGE, 4 * PAGE, Prot.READ_WRITE, kind));
    }
  }

  private interface Work {
    void run(SplittableRandom random);
  }

  private Task spawn(String name, SplittableRandom seeds, Work work) {
    SplittableRandom random = seeds.split();
    return kernel.machine().spawn(name, () -> work.run(random));
  }

  private void join(List<Task> tasks, String where) {
    for (Task task : tasks) {
      task.join();
      if (task.failure().isPresent()) {
        done.set(true);
      }
      assertEquals(Optional.empty(), task.failure(), task + ", " + where);
    }
  }

  private static long address(SplittableRandom random) {
    return BASE + random.nextInt(PAGES) * PAGE;
  }

  private void ownByCpu(int owner, SplittableRandom random) {
    int[] values = new int[PAGES_EACH];
    for (int i = 0; i < OPERATIONS; i++) {
      int page = random.nextInt(PAGES_EACH);
      long address = BASE + (owner * PAGES_EACH + page) * PAGE;
      assertEquals(new CpuLoad(Signal.NONE, values[page]), process.load(address));
      values[page] = random.nextInt();
      assertEquals(Signal.NONE, process.store(address, values[page]));
      disturb(random);
    }
  }

  private void ownByDevice(int owner, Dmirror device, SplittableRandom random) {
    int[] values = new int[PAGES_EACH];
    long start = BASE + owner * PAGES_EACH * PAGE;
    for (int i = 0; i < OPERATIONS / 8; i++) {
      int[] found = new int[PAGES_EACH];
      assertEquals(Errno.OK, Patience.untilNotBusy(() -> device.read(start, found)));
      assertArrayEquals(values, found);
      for (int page = 0; page < PAGES_EACH; page++) {
        values[page] = random.nextInt();
      }
      assertEquals(Errno.OK, Patience.untilNotBusy(() -> device.write(start, values)));
      device.snapshot(BASE, new byte[PAGES]);
      disturb(random);
    }
  }

  private void reclaim(SplittableRandom random) {
    while (!done.get()) {
      reclaimOne(random);
    }
  }

  private void balance(SplittableRandom random) {
    while (!done.get()) {
      hintSome(random);
    }
  }

  private void migrate(SplittableRandom random) {
    while (!done.get()) {
      migrateOne(random);
    }
  }

  /** What the owners do themselves now and then: direct reclaim and compaction. */
  private void disturb(SplittableRandom random) {
    switch (random.nextInt(24)) {
      case 0 -> reclaimOne(random);
      case 1 -> hintSome(random);
      case 2 -> migrateOne(random);
      default -> {}
    }
  }

  private void reclaimOne(SplittableRandom random) {
    if (process.reclaim(address(random))) {
      reclaimed.incrementAndGet();
    }
  }

  private void hintSome(SplittableRandom random) {
    long start = address(random);
    if (process.numaHint(start, start + 4 * PAGE)) {
      hinted.incrementAndGet();
    }
  }

  private void migrateOne(SplittableRandom random) {
    PageMigration migration = process.beginMigration(address(random));
    if (migration != null && random.nextInt(4) == 0) {
      migration.putBack();
    } else if (migration != null && migration.finish()) {
      moved.incrementAndGet();
    }
  }

  /** Lets VMAs and tables come and go, and drivers register, beside the pages that are watched. */
  private void changeNeighbours(SplittableRandom random) {
    long place = BASE + PAGES * PAGE;
    long target = BASE + 2048 * PAGE;
    while (!done.get()) {
      process.mmap(place, 8 * PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
      process.store(place + random.nextInt(8) * PAGE, 1);
      process.reclaim(place + random.nextInt(8) * PAGE);
      process.mprotect(place + 2 * PAGE, 2 * PAGE, Prot.READ);
      process.mremap(place, 2 * PAGE, target);
      process.numaHint(target, target + PAGE);
      process.load(target);
      process.munmap(target, 2 * PAGE);
      process.munmap(place, 8 * PAGE);
      IntervalDmirror.open(process.mm(), memory).close();
    }
  }

  private void assertAgrees(Dmirror device, String where) {
    device.pageTable().lock().lock();
    Map<Long, DevicePageTable.Entry> entries = device.pageTable().snapshot();
    device.pageTable().lock().unlock();
    entries.forEach(
        (index, entry) -> {
          long pte = process.pte(index * PAGE);
          assertTrue(Pte.isPresent(pte), where + ", page " + index + ": " + Pte.toString(pte));
          assertEquals(Pte.pfn(pte), entry.pfn(), where);
          assertTrue(!entry.writable() || Pte.isWritable(pte), where);
        });
  }
}

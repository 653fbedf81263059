// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.mm.Signal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Forks beside a CPU task and a device that write, reclaim and migration, on real threads: a child
 * sees each page as it was at one moment, and nothing that is written later.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ForkThreadsTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 16;
  private static final int FORKS = 150;
  private static final long FIRST_SEED = 20261123;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel, 1, PAGES);
  private final FakeFile file = FakeFile.create(memory, PAGES);
  private final FakeMm parent = FakeMm.create(kernel, memory);
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger reclaimed = new AtomicInteger();
  private final AtomicInteger moved = new AtomicInteger();

  @RepeatedTest(3)
  @DisplayName("children see one moment, writers what they wrote")
  void M101_M103_childrenSeeOneMoment(RepetitionInfo repetition) {
    long seed = FIRST_SEED + repetition.getCurrentRepetition();
    SplittableRandom seeds = new SplittableRandom(seed);
    map();
    Dmirror device = IntervalDmirror.open(parent.mm(), memory);
    List<Task> forkers = new ArrayList<>();
    forkers.add(spawn("fork0", seeds, this::forkAndLook));
    forkers.add(spawn("fork1", seeds, this::forkAndLook));
    List<Task> others = new ArrayList<>();
    others.add(spawn("cpu", seeds, this::writeByCpu));
    others.add(spawn("device", seeds, random -> writeByDevice(device)));
    others.add(spawn("kswapd", seeds, this::reclaim));
    others.add(spawn("compaction", seeds, this::migrate));
    String where = "seed " + seed;
    join(forkers, where);
    done.set(true);
    join(others, where);

    device.close();
    parent.exit();
    file.close();
    assertEquals(0, parent.mm().mmCount(), where);
    assertEquals(0, memory.framesInUse(), where);
    assertEquals(0, memory.swap().slotsInUse(), where);
    assertEquals(List.of(), kernel.warnings(), where);
    kernel.shutdown();
  }

  /** The first half belongs to the CPU, the second to the device. */
  private void map() {
    for (int i = 0; i < PAGES; i += 4) {
      Mapping mapping = i % 8 == 0 ? Mapping.anonPrivate() : Mapping.filePrivate(file, i);
      assertEquals(Errno.OK, parent.mmap(BASE + i * PAGE, 4 * PAGE, Prot.READ_WRITE, mapping));
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

  private static int[] read(FakeMm mm) {
    int[] values = new int[PAGES];
    for (int i = 0; i < PAGES; i++) {
      CpuLoad load = mm.load(BASE + i * PAGE);
      assertEquals(Signal.NONE, load.signal());
      values[i] = load.value();
    }
    return values;
  }

  /** What is written grows from page to page and from round to round. */
  private void forkAndLook(SplittableRandom random) {
    int[] before = new int[PAGES];
    for (int i = 0; (i < FORKS || hasFewDisturbances()) && !done.get(); i++) {
      FakeMm child = parent.fork();
      assertNotNull(child);
      int[] values = read(child);
      for (int page = 0; page < PAGES; page++) {
        assertTrue(values[page] >= before[page], "page " + page + " went back");
      }
      assertOneMoment(values, 0);
      before = values;
      changeSome(child, random, values.clone());
      child.exit();
    }
  }

  /** Forks go on until enough has happened beside them. */
  private boolean hasFewDisturbances() {
    return reclaimed.get() < 10 || moved.get() < 10;
  }

  /** The CPU writes its pages in order: at one moment they are of two rounds at most. */
  private static void assertOneMoment(int[] values, int first) {
    for (int page = first + 1; page < first + PAGES / 2; page++) {
      assertTrue(
          values[page] == values[page - 1] || values[page] == values[page - 1] - 1,
          "page " + page + " is of another moment: " + values[page - 1] + ", " + values[page]);
    }
    assertTrue(values[first] - values[first + PAGES / 2 - 1] <= 1, "more than two rounds");
  }

  private void changeSome(FakeMm child, SplittableRandom random, int[] values) {
    FakeMm grandchild = random.nextInt(4) == 0 ? child.fork() : null;
    int[] inherited = values.clone();
    for (int i = 0; i < 4; i++) {
      int page = random.nextInt(PAGES);
      values[page] = -1 - i;
      assertEquals(Signal.NONE, child.store(BASE + page * PAGE, values[page]));
      child.reclaim(address(random));
    }
    assertArrayEquals(values, read(child));
    if (grandchild != null) {
      assertArrayEquals(inherited, read(grandchild));
      grandchild.exit();
    }
  }

  private void writeByCpu(SplittableRandom random) {
    for (int round = 1; !done.get(); round++) {
      for (int page = 0; page < PAGES / 2; page++) {
        assertEquals(
            new CpuLoad(Signal.NONE, round - 1), parent.load(BASE + page * PAGE), "page " + page);
        assertEquals(Signal.NONE, parent.store(BASE + page * PAGE, round));
      }
      if (random.nextInt(8) == 0) {
        parent.numaHint(BASE, BASE + 6 * PAGE);
      }
    }
  }

  private void writeByDevice(Dmirror device) {
    long start = BASE + PAGES / 2 * PAGE;
    int[] values = new int[PAGES / 2];
    for (int round = 1; !done.get(); round++) {
      int[] found = new int[values.length];
      assertEquals(Errno.OK, Patience.untilNotBusy(() -> device.read(start, found)));
      assertArrayEquals(values, found);
      Arrays.fill(values, round);
      assertEquals(Errno.OK, Patience.untilNotBusy(() -> device.write(start, values)));
    }
  }

  private static long address(SplittableRandom random) {
    return BASE + random.nextInt(PAGES) * PAGE;
  }

  private void reclaim(SplittableRandom random) {
    while (!done.get()) {
      if (parent.reclaim(address(random))) {
        reclaimed.incrementAndGet();
      }
    }
  }

  private void migrate(SplittableRandom random) {
    while (!done.get()) {
      if (parent.migrate(address(random))) {
        moved.incrementAndGet();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Invalidators change "CPU pages", readers copy them to a device and come and go meanwhile. Checks
 * I26 and I38 to I44 on the way. Set {@code hmm.test.seed} to replay the choices of a run.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalStressTest {

  private static final long PAGE = 0x1000;
  private static final int PAGES = 16;
  private static final int NOTHING = -1;
  private static final int INVALIDATORS = 3;
  private static final int READERS = 3;
  private static final int BRACKETS = 20_000;
  private static final int LIVES = 2_000;

  private final Bench bench = new Bench();
  private final AtomicIntegerArray cpu = new AtomicIntegerArray(PAGES);
  private final List<Device> devices = new ArrayList<>();

  @RepeatedTest(3)
  void N211_N216_N227_N228_N230_i26_i38_to_i44_hold(TestReporter reporter) {
    long seed = Long.getLong("hmm.test.seed", System.nanoTime());
    reporter.publishEntry("seed", Long.toString(seed));
    SplittableRandom random = new SplittableRandom(seed);
    IntervalNotifier keepsSupport = bench.insert((sub, range, seq) -> true, -PAGE, PAGE);
    Device always = new Device(0, PAGES);
    always.insert();
    devices.add(always);
    List<Background> tasks = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      Device device = new Device(i * 4, 8);
      devices.add(device);
      SplittableRandom own = random.split();
      tasks.add(Background.run(bench, "reader" + i, () -> comeAndGo(device, own)));
    }
    SplittableRandom reads = random.split();
    tasks.add(
        Background.run(
            bench,
            "reader",
            () -> {
              for (int i = 0; i < LIVES * 4; i++) {
                always.mirror(reads.nextInt(PAGES));
              }
            }));
    for (int i = 0; i < INVALIDATORS; i++) {
      SplittableRandom own = random.split();
      tasks.add(Background.run(bench, "invalidator" + i, () -> invalidate(always, own)));
    }
    tasks.forEach(Background::join);

    bench.assertIdle();
    always.assertEqualsCpu();
    always.remove();
    keepsSupport.remove();
    assertEquals(1, bench.mm.mmCount());
    bench.close();
  }

  private void comeAndGo(Device device, SplittableRandom random) {
    for (int life = 0; life < LIVES; life++) {
      device.insert();
      for (int i = random.nextInt(4); i > 0; i--) {
        device.mirror(device.first + random.nextInt(device.pages));
      }
      device.remove();
    }
  }

  private void invalidate(Device always, SplittableRandom random) {
    for (int i = 0; i < BRACKETS; i++) {
      int page = random.nextInt(PAGES);
      boolean miss = random.nextInt(4) == 0;
      long start = (miss ? PAGES + page : page) * PAGE;
      // The callbacks of this start enter themselves here.
      Set<Object> called = Collections.newSetFromMap(new IdentityHashMap<>());
      MmuNotifierRange range = bench.range(start, start + PAGE).owner(called);
      if (random.nextBoolean()) {
        bench.core.invalidateRangeStart(range);
      } else {
        range = range.nonBlockable();
        if (bench.core.invalidateRangeStartNonblock(range) != Errno.OK) {
          continue;
        }
      }
      if (!miss) {
        assertTrue(called.contains(always), "an interval of the tree was not called");
        devices.forEach(device -> device.assertUnmapped(page, called));
        cpu.incrementAndGet(page);
        devices.forEach(device -> device.assertUnmapped(page, called));
      } else {
        assertTrue(called.isEmpty(), "an interval was called that is not hit");
      }
      bench.end(range);
    }
  }

  /** A device with its own lock and page table, over some pages. */
  private final class Device implements MmuIntervalNotifierOps {
    private final int first;
    private final int pages;
    private final Mutex lock = bench.kernel.mutex("device");
    private final IntervalNotifier sub = bench.interval(this);
    private final int[] mapped = new int[PAGES];

    /** From before insert until after remove; under the lock. */
    private boolean inserted;

    private long lastSeq;

    Device(int first, int pages) {
      this.first = first;
      this.pages = pages;
      Arrays.fill(mapped, NOTHING);
    }

    @Override
    public boolean invalidate(MmuIntervalNotifier notifier, MmuNotifierRange range, long curSeq) {
      if (range.blockable()) {
        lock.lock();
      } else if (!lock.tryLock()) {
        return false;
      }
      try {
        assertTrue(inserted, "i38: called after remove");
        assertTrue((curSeq & 1) == 1, "i39: an even sequence");
        assertTrue(curSeq >= lastSeq, "i39: the sequence went back");
        assertEquals(curSeq, bench.intervals().sequence(), "i39: not the one of this period");
        assertTrue(sub.node().isLinked(), "i40: the tree changed while frozen");
        int page = (int) (range.start() / PAGE);
        assertTrue(page >= first && page < first + pages, "i43b: called though not hit");
        assertTrue(callers(range).add(this), "i43b: called twice for one start");
        lastSeq = curSeq;
        notifier.setSeq(curSeq);
        mapped[page] = NOTHING;
        return true;
      } finally {
        lock.unlock();
      }
    }

    @SuppressWarnings("unchecked")
    private Set<Object> callers(MmuNotifierRange range) {
      return (Set<Object>) range.owner();
    }

    void insert() {
      lock.lock();
      inserted = true;
      lock.unlock();
      assertEquals(Errno.OK, sub.insert(bench.mm, first * PAGE, pages * PAGE));
    }

    void remove() {
      sub.remove();
      assertFalse(sub.node().isLinked(), "i38: the core still has it");
      lock.lock();
      inserted = false;
      Arrays.fill(mapped, NOTHING);
      lock.unlock();
    }

    /** Copies a page to the device, with one retry at most so that every task ends. */
    void mirror(int page) {
      long seq = sub.readBegin();
      assertTrue((seq & 1) == 1, "i39: an even sequence");
      int value = cpu.get(page);
      boolean early = sub.checkRetry(seq);
      lock.lock();
      try {
        boolean retry = sub.readRetry(seq);
        assertTrue(!early || retry, "i44: check_retry was wrong");
        if (!retry) {
          mapped[page] = value;
        }
      } finally {
        lock.unlock();
      }
    }

    /** I26: between start and end of a range nobody whom the start reached maps a page of it. */
    void assertUnmapped(int page, Set<Object> called) {
      lock.lock();
      try {
        if (called.contains(this)) {
          assertEquals(NOTHING, mapped[page], "i26: mapped while it is invalidated");
        }
      } finally {
        lock.unlock();
      }
    }

    void assertEqualsCpu() {
      for (int page = first; page < first + pages; page++) {
        assertTrue(mapped[page] == NOTHING || mapped[page] == cpu.get(page), "i26: a stale page");
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.Recorded;
import org.hmm4j.testkit.sim.SimWorld;

/** Two runs that failed on the deterministic machine. */
final class FailedRuns {

  private static final int BUDGET = 5_000;
  private static final long START = 0x4000_0000L;
  private static final long PAGE = 4096;

  private FailedRuns() {}

  /** Two tasks, two locks, two orders. */
  static RunReport deadlock() {
    return report(
        "two locks in two orders",
        Recorded.failure(
            BUDGET,
            world -> {
              Mutex update = world.kernel().mutex("mydev->update");
              Mutex queue = world.kernel().mutex("mydev->queue");
              world.spawn("submit", () -> takeBoth(update, queue));
              world.spawn("retire", () -> takeBoth(queue, update));
            }));
  }

  private static void takeBoth(Mutex first, Mutex second) {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }

  /** A driver that maps what it was told without asking whether that still holds. */
  static RunReport race() {
    return report(
        "a fault against an invalidation",
        Recorded.failure(BUDGET, world -> new Race(world).run()));
  }

  static RunReport report(String title, Recorded run) {
    return RunReport.of(title, run.verdict().toString(), run.message(), run.record());
  }

  private static final class Race {
    private final SimWorld world;
    private final Kernel kernel;
    private final FakeMm process;
    private final Mutex lock;
    private final DevicePageTable device;
    private final MmuIntervalNotifier notifier;

    Race(SimWorld world) {
      this.world = world;
      this.kernel = world.kernel();
      this.process = FakeMm.create(kernel, PhysicalMemory.create(kernel));
      this.lock = kernel.mutex("mydev->update");
      this.device = new DevicePageTable(lock, 12, kernel.tracer());
      this.notifier = MmuNotifiers.of(kernel).intervalNotifier(this::invalidate);
    }

    void run() {
      process.mmap(START, 2 * PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
      process.store(START, 1);
      process.store(START + PAGE, 2);
      assertEquals(Errno.OK, notifier.insert(process.mm(), START, 2 * PAGE));
      world.spawn("gpu", this::fault);
      world.spawn("cpu", () -> process.madviseDontneed(START, PAGE));
      world.mayLeak();
      world.atEnd(this::check);
    }

    private boolean invalidate(MmuIntervalNotifier self, MmuNotifierRange range, long seq) {
      lock.lock();
      self.setSeq(seq);
      device.drop(range.start(), range.end() - 1);
      lock.unlock();
      return true;
    }

    private void fault() {
      long seq = notifier.readBegin();
      HmmRange range =
          HmmRange.of(START, START + 2 * PAGE)
              .defaultFlags(HmmPfn.REQ_FAULT)
              .notifier(notifier, seq);
      process.mm().mmapLock().readLock();
      Errno errno = Hmm.of(kernel).rangeFault(range);
      process.mm().mmapLock().readUnlock();
      if (errno == Errno.OK) {
        lock.lock();
        for (int page = 0; page < 2; page++) {
          device.map(START + page * PAGE, HmmPfn.pfn(range.pfns()[page]), true);
        }
        lock.unlock();
      }
    }

    private void check() {
      lock.lock();
      DevicePageTable.Entry entry = device.find(START);
      lock.unlock();
      if (entry != null) {
        assertNotEquals(0, process.mm().addressSpace().pageTables().ptes(START)[0], "stale entry");
      }
    }
  }
}

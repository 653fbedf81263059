// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sections and grace periods. Callbacks: {@link SrcuCallbacksTest}. */
@Timeout(60)
class EpochSrcuTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Srcu srcu = kernel.srcu("mmu_notifier");
  private final Crew crew = new Crew(kernel);

  @Test
  void K037_sectionsNestAndAllowSleeping() {
    assertFalse(srcu.readLockHeld());
    int[] indexes = new int[20];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = srcu.readLock();
    }
    kernel.context().mightSleep();
    assertTrue(srcu.readLockHeld());
    for (int index : indexes) {
      assertTrue(srcu.readLockHeld());
      srcu.readUnlock(index);
    }
    assertFalse(srcu.readLockHeld());
    srcu.synchronize();
  }

  @Test
  void K037_leavingASectionThatIsNotOpenIsABug() {
    assertMentions(
        bug(Rule.BAD_UNLOCK, () -> srcu.readUnlock(0)),
        "srcu 'mmu_notifier'",
        kernel.machine().current());
    int index = srcu.readLock();
    bug(Rule.BAD_UNLOCK, () -> srcu.readUnlock(index + 1));
    bug(Rule.BAD_UNLOCK, () -> kernel.srcu("other").readUnlock(index));
    crew.go("thief", () -> bug(Rule.BAD_UNLOCK, () -> srcu.readUnlock(index))).join();
    assertTrue(srcu.readLockHeld());
    srcu.readUnlock(index);
    bug(Rule.BAD_UNLOCK, () -> srcu.readUnlock(index));
  }

  @Test
  void K038_waitingInsideOnesOwnSectionIsABug() {
    int index = srcu.readLock();
    assertMentions(bug(Rule.BAD_CONTEXT, srcu::synchronize), "synchronize", "'mmu_notifier'");
    assertMentions(bug(Rule.BAD_CONTEXT, srcu::barrier), "barrier", "'mmu_notifier'");
    kernel.srcu("other").synchronize();
    kernel.srcu("other").barrier();
    srcu.readUnlock(index);
    srcu.synchronize();
    srcu.barrier();
  }

  @Test
  void K039_waitingInAtomicContextIsABug() {
    SpinLock spin = kernel.spinLock("outer");
    spin.lock();
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, srcu::synchronize), "'outer'", "synchronize");
    bug(Rule.SLEEP_IN_ATOMIC, srcu::barrier);
    spin.unlock();
  }

  @Test
  void K034_gracePeriodWaitsForSectionsThatWereOpenAndForNoLaterOnes() {
    Reader early = new Reader("early");
    AtomicBoolean over = new AtomicBoolean();
    Crew.Member updater =
        crew.goAndPark(
            "updater",
            () -> {
              srcu.synchronize();
              over.set(true);
            });
    int late = srcu.readLock();
    assertNotEquals(early.index, late);
    updater.awaitParked();
    assertFalse(over.get());
    early.leave();
    updater.join();
    assertTrue(over.get());
    srcu.readUnlock(late);
  }

  @Test
  void K035_overlappingGracePeriodsWaitOnlyForTheirOwnSections() {
    Reader a = new Reader("a");
    Crew.Member first = crew.goAndPark("first", srcu::synchronize);
    Reader b = new Reader("b");
    Crew.Member second = crew.goAndPark("second", srcu::synchronize);
    Reader c = new Reader("c");
    Crew.Member third = crew.goAndPark("third", srcu::synchronize);
    b.leave();
    second.awaitParked();
    a.leave();
    first.join();
    second.join();
    third.awaitParked();
    c.leave();
    crew.join();
  }

  @Test
  void K036_laterGracePeriodWaitsForSectionsThatAnEarlierOneStillWaitsFor() {
    Reader reader = new Reader("reader");
    Crew.Member first = crew.goAndPark("first", srcu::synchronize);
    Crew.Member second = crew.goAndPark("second", srcu::synchronize);
    AtomicBoolean ran = new AtomicBoolean();
    srcu.call(() -> ran.set(true));
    first.awaitParked();
    second.awaitParked();
    assertFalse(ran.get());
    reader.leave();
    crew.join();
    srcu.barrier();
    assertTrue(ran.get());
  }

  @Test
  void K035_newSectionsDoNotStarveAGracePeriod() {
    AtomicBoolean stop = new AtomicBoolean();
    // Each task opens its next section before it closes the last one: there is always one open.
    for (int i = 0; i < 2; i++) {
      crew.go(
          "reader " + i,
          () -> {
            int open = srcu.readLock();
            while (!stop.get()) {
              int next = srcu.readLock();
              srcu.readUnlock(open);
              open = next;
            }
            srcu.readUnlock(open);
          });
    }
    for (int i = 0; i < 200; i++) {
      srcu.synchronize();
    }
    stop.set(true);
    crew.join();
  }

  @Test
  void K034_nothingIsFreedUnderAReader() {
    AtomicReference<AtomicBoolean> published = new AtomicReference<>(new AtomicBoolean());
    AtomicInteger updaters = new AtomicInteger(2);
    for (int i = 0; i < 2; i++) {
      crew.go(
          "reader " + i,
          () -> {
            while (updaters.get() > 0) {
              int index = srcu.readLock();
              AtomicBoolean freed = published.get();
              for (int look = 0; look < 10; look++) {
                assertFalse(freed.get());
              }
              srcu.readUnlock(index);
            }
          });
    }
    crew.go(
        "waiting updater",
        () -> {
          for (int i = 0; i < 1_000; i++) {
            AtomicBoolean old = published.getAndSet(new AtomicBoolean());
            srcu.synchronize();
            assertFalse(old.getAndSet(true));
          }
          updaters.decrementAndGet();
        });
    AtomicInteger freed = new AtomicInteger();
    crew.go(
        "calling updater",
        () -> {
          for (int i = 0; i < 10_000; i++) {
            AtomicBoolean old = published.getAndSet(new AtomicBoolean());
            srcu.call(
                () -> {
                  assertFalse(old.getAndSet(true));
                  freed.incrementAndGet();
                });
          }
          srcu.barrier();
          assertEquals(10_000, freed.get());
          updaters.decrementAndGet();
        });
    crew.join();
  }

  @Test
  void needsName() {
    assertThrows(NullPointerException.class, () -> kernel.srcu(null));
    assertThrows(NullPointerException.class, () -> srcu.call(null));
  }

  /** A task that has a section open until it is told to leave. */
  private final class Reader {
    private final CountDownLatch leave = new CountDownLatch(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final Crew.Member member;
    private volatile int index;

    Reader(String name) {
      member =
          crew.go(
              name,
              () -> {
                index = srcu.readLock();
                entered.countDown();
                leave.await();
                srcu.readUnlock(index);
              });
      Crew.await(entered);
    }

    void leave() {
      leave.countDown();
      member.join();
    }
  }
}

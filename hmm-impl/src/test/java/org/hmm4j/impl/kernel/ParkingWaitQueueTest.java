// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.WaitQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParkingWaitQueueTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final WaitQueue queue = kernel.waitQueue("hmm->wq");
  private final Crew crew = new Crew(kernel);

  @Test
  void K045_aTrueConditionDoesNotWait() {
    queue.waitEvent(() -> true);
    assertTrue(queue.waitEventTimeout(() -> true, 0));
    assertTrue(queue.waitEventTimeout(() -> true, Long.MAX_VALUE));
  }

  @Test
  void K047_wakeAllWakesEveryWaiterWhoseConditionHolds() {
    AtomicBoolean first = new AtomicBoolean();
    AtomicBoolean second = new AtomicBoolean();
    Crew.Member one = crew.goAndPark("one", () -> queue.waitEvent(first::get));
    Crew.Member two =
        crew.goAndPark(
            "two", () -> assertTrue(queue.waitEventTimeout(second::get, Long.MAX_VALUE)));
    Crew.Member three = crew.goAndPark("three", () -> queue.waitEvent(first::get));
    first.set(true);
    queue.wakeAll();
    one.join();
    three.join();
    two.awaitParked();
    second.set(true);
    queue.wakeAll();
    crew.join();
  }

  @Test
  void K045_timeoutTestsOnceMoreAtTheEnd() {
    AtomicInteger tests = new AtomicInteger();
    assertFalse(queue.waitEventTimeout(() -> tests.incrementAndGet() < 0, 0));
    assertEquals(1, tests.get());

    long before = kernel.machine().nanoTime();
    assertFalse(queue.waitEventTimeout(() -> false, 5));
    assertTrue(kernel.machine().nanoTime() - before >= 5_000_000);

    // Becomes true without a wake-up, so only the test at the end can see it.
    tests.set(0);
    assertTrue(queue.waitEventTimeout(() -> tests.incrementAndGet() >= 2, 5));
    assertEquals(2, tests.get());
  }

  @Test
  void negativeTimeIsAWrongArgument() {
    assertThrows(IllegalArgumentException.class, () -> queue.waitEventTimeout(() -> true, -1));
    assertThrows(NullPointerException.class, () -> queue.waitEvent(null));
  }

  @Test
  void K046_waitingInAtomicContextIsABugEvenIfTheConditionHolds() {
    kernel.context().preemptDisable();
    assertMentions(
        bug(Rule.SLEEP_IN_ATOMIC, () -> queue.waitEvent(() -> true)), "wait queue 'hmm->wq'");
    bug(Rule.SLEEP_IN_ATOMIC, () -> queue.waitEventTimeout(() -> true, 1));
    queue.wakeAll();
    kernel.context().preemptEnable();
  }

  @Test
  void throwingConditionLeavesTheQueueClean() {
    RuntimeException thrown = new RuntimeException("condition");
    AtomicInteger tests = new AtomicInteger();
    Crew.Member waiter =
        crew.goAndPark(
            "waiter",
            () ->
                assertSame(
                    thrown,
                    assertThrows(
                        RuntimeException.class,
                        () ->
                            queue.waitEvent(
                                () -> {
                                  if (tests.incrementAndGet() == 2) {
                                    throw thrown;
                                  }
                                  return false;
                                }))));
    queue.wakeAll();
    waiter.join();
    queue.wakeAll();
    assertEquals(2, tests.get());
    assertTrue(queue.toString().contains("hmm->wq"));
  }

  @Test
  void conditionMayTakeLocksAndUseUpThePermit() {
    Mutex inner = kernel.mutex("inner");
    ReentrantLock foreign = new ReentrantLock();
    AtomicInteger value = new AtomicInteger();
    int last = 2_000;
    crew.go(
        "waiter",
        () -> {
          for (int i = 1; i <= last; i++) {
            int expected = i;
            queue.waitEvent(
                () -> {
                  foreign.lock();
                  foreign.unlock();
                  inner.lock();
                  try {
                    return value.get() >= expected;
                  } finally {
                    inner.unlock();
                  }
                });
          }
        });
    for (int i = 1; i <= last; i++) {
      foreign.lock();
      inner.lock();
      value.set(i);
      inner.unlock();
      foreign.unlock();
      queue.wakeAll();
    }
    crew.join();
  }

  @Test
  void K047_losesNoWakeUpBetweenTwoTasksThatTakeTurns() {
    AtomicInteger turn = new AtomicInteger();
    int rounds = 3_000;
    for (int player = 0; player < 2; player++) {
      int mine = player;
      crew.go(
          "player " + player,
          () -> {
            for (int i = 0; i < rounds; i++) {
              if (i % 2 == 0) {
                queue.waitEvent(() -> turn.get() % 2 == mine);
              } else {
                assertTrue(queue.waitEventTimeout(() -> turn.get() % 2 == mine, 60_000));
              }
              turn.incrementAndGet();
              queue.wakeAll();
            }
          });
    }
    crew.join();
    assertEquals(2 * rounds, turn.get());
  }

  @Test
  void K002_interruptNeitherEndsAWaitNorGetsLost() {
    AtomicBoolean condition = new AtomicBoolean();
    AtomicInteger tests = new AtomicInteger();
    Crew.Member waiter =
        crew.goAndPark(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              queue.waitEvent(
                  () -> {
                    tests.incrementAndGet();
                    return condition.get();
                  });
              assertTrue(Thread.currentThread().isInterrupted());
            });
    for (int i = 0; i < 10; i++) {
      waiter.thread().interrupt();
      waiter.awaitParked();
    }
    assertEquals(1, tests.get());
    condition.set(true);
    queue.wakeAll();
    crew.join();
  }
}

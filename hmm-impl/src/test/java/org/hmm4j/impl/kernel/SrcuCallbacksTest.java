// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When, where and in which order the callbacks of SRCU run. */
@Timeout(60)
class SrcuCallbacksTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Srcu srcu = kernel.srcu("mmu_notifier");
  private final Srcu other = kernel.srcu("other");
  private final Mutex mutex = kernel.mutex("mutex");
  private final SpinLock spin = kernel.spinLock("spin");
  private final RwSemaphore rwsem = kernel.rwSemaphore("rwsem");
  private final Crew crew = new Crew(kernel);
  private final List<String> ran = new CopyOnWriteArrayList<>();

  @Test
  void K040_withoutReadersTheCallerRunsItAtOnceAndAtomically() {
    srcu.call(
        () -> {
          assertTrue(kernel.context().isAtomic());
          KernelBug bug = bug(Rule.SLEEP_IN_ATOMIC, mutex::lock);
          assertMentions(bug, "callback of srcu 'mmu_notifier'");
          bug(Rule.SLEEP_IN_ATOMIC, srcu::synchronize);
          bug(Rule.SLEEP_IN_ATOMIC, srcu::barrier);
          bug(Rule.BAD_CONTEXT, kernel.context()::preemptEnable);
          spin.lock();
          spin.unlock();
          assertTrue(mutex.tryLock());
          mutex.unlock();
          srcu.readUnlock(srcu.readLock());
          ran.add("callback");
        });
    assertEquals(List.of("callback"), ran);
    assertFalse(kernel.context().isAtomic());
  }

  @Test
  void K040_theLastReaderRunsIt() {
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    Crew.Member reader =
        crew.go(
            "reader",
            () -> {
              int index = srcu.readLock();
              entered.countDown();
              leave.await();
              srcu.readUnlock(index);
              assertEquals(List.of("reader"), ran);
            });
    Crew.await(entered);
    srcu.call(() -> ran.add(kernel.machine().current().name()));
    int later = srcu.readLock();
    assertEquals(List.of(), ran);
    leave.countDown();
    reader.join();
    srcu.readUnlock(later);
    assertEquals(List.of("reader"), ran);
  }

  @Test
  void K041_waitsUntilTheRunnerHoldsNothing() {
    long[] flags = new long[1];
    int[] index = new int[1];
    List<Runnable[]> situations =
        List.of(
            situation(mutex::lock, mutex::unlock),
            situation(rwsem::readLock, rwsem::readUnlock),
            situation(rwsem::writeLock, rwsem::writeUnlock),
            situation(spin::lock, spin::unlock),
            situation(() -> flags[0] = spin.lockIrqsave(), () -> spin.unlockIrqrestore(flags[0])),
            situation(kernel.context()::preemptDisable, kernel.context()::preemptEnable),
            situation(kernel.context()::nonBlockStart, kernel.context()::nonBlockEnd),
            situation(() -> index[0] = other.readLock(), () -> other.readUnlock(index[0])),
            situation(() -> index[0] = srcu.readLock(), () -> srcu.readUnlock(index[0])));
    for (Runnable[] situation : situations) {
      ran.clear();
      situation[0].run();
      srcu.call(() -> ran.add("first"));
      srcu.call(() -> ran.add("second"));
      assertEquals(List.of(), ran);
      situation[1].run();
      assertEquals(List.of("first", "second"), ran);
    }
  }

  @Test
  void K041_waitsForTheLastOfSeveralHolds() {
    mutex.lock();
    int index = other.readLock();
    spin.lock();
    srcu.call(() -> ran.add("callback"));
    spin.unlock();
    mutex.unlock();
    assertEquals(List.of(), ran);
    other.readUnlock(index);
    assertEquals(List.of("callback"), ran);
  }

  @Test
  void K041_readerThatHoldsALockRunsItAfterTheUnlock() {
    rwsem.readLock();
    int index = srcu.readLock();
    srcu.call(() -> ran.add("callback"));
    srcu.readUnlock(index);
    assertEquals(List.of(), ran);
    rwsem.readUnlock();
    assertEquals(List.of("callback"), ran);
  }

  @Test
  void K042_callbackThatCallsAgainIsNotReentered() {
    srcu.call(
        () -> {
          srcu.call(() -> ran.add("inner"));
          other.call(() -> ran.add("other"));
          ran.add("outer");
        });
    assertEquals(List.of("outer", "inner", "other"), ran);
  }

  @Test
  void K043_barrierWaitsForCallbacksThatWereQueuedBefore() {
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    crew.go(
        "reader",
        () -> {
          // Holds the mutex to the end, so it is not the one that runs the callback.
          mutex.lock();
          int index = srcu.readLock();
          entered.countDown();
          leave.await();
          srcu.readUnlock(index);
          Crew.until(() -> ran.size() == 2);
          mutex.unlock();
        });
    Crew.await(entered);
    srcu.call(() -> ran.add("callback"));
    Crew.Member waiter =
        crew.goAndPark(
            "waiter",
            () -> {
              srcu.barrier();
              ran.add("barrier");
            });
    assertEquals(List.of(), ran);
    leave.countDown();
    waiter.join();
    crew.join();
    assertEquals(List.of("callback", "barrier"), ran);
  }

  @Test
  void K043_barrierWithoutCallbacksDoesNotWaitForReaders() {
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    crew.go(
        "reader",
        () -> {
          int index = srcu.readLock();
          entered.countDown();
          leave.await();
          srcu.readUnlock(index);
        });
    Crew.await(entered);
    srcu.barrier();
    leave.countDown();
    crew.join();
  }

  @Test
  void K043_barrierOfATaskWithAMutexRunsWhatThatTaskHadToPutOff() {
    mutex.lock();
    srcu.call(
        () -> {
          ran.add("callback");
          assertFalse(mutex.isHeld());
          assertFalse(mutex.tryLock());
        });
    assertEquals(List.of(), ran);
    srcu.barrier();
    assertEquals(List.of("callback"), ran);
    mutex.unlock();
    assertEquals(List.of("callback"), ran);
  }

  @Test
  void K044_callbackThatThrowsIsReportedToTheRunnerAfterAllHaveRun() {
    IllegalStateException thrown = new IllegalStateException("first");
    spin.lock();
    srcu.call(
        () -> {
          throw thrown;
        });
    srcu.call(() -> ran.add("second"));
    srcu.call(
        () -> {
          throw new AssertionError("third");
        });
    KernelBug bug = bug(Rule.CALLBACK_THREW, spin::unlock);
    assertSame(thrown, bug.getCause());
    assertMentions(bug, "srcu 'mmu_notifier'", kernel.machine().current(), "first");
    assertEquals(1, bug.getSuppressed().length);
    assertEquals(List.of("second"), ran);
    assertFalse(spin.isHeld());
    assertFalse(kernel.context().isAtomic());
    srcu.call(() -> ran.add("later"));
    assertEquals(List.of("second", "later"), ran);
  }

  @Test
  void K044_barrierReportsWhatItsCallbacksThrew() {
    mutex.lock();
    srcu.call(
        () -> {
          throw new IllegalStateException("broken");
        });
    srcu.call(() -> ran.add("second"));
    bug(Rule.CALLBACK_THREW, srcu::barrier);
    assertEquals(List.of("second"), ran);
    mutex.unlock();
  }

  @Test
  void K044_callbackThatLeavesALockHeldIsABugAndTheLockIsFree() {
    KernelBug bug = bug(Rule.BAD_CONTEXT, () -> srcu.call(spin::lock));
    assertMentions(bug, "callback of srcu 'mmu_notifier'", "spin lock 'spin'");
    assertTrue(spin.tryLock());
    spin.unlock();
    assertFalse(kernel.context().isAtomic());
  }

  @Test
  void K042_callbacksOfADomainRunInOrderAndOneAtATime() {
    int tasks = 3;
    int calls = 3_000;
    AtomicBoolean inside = new AtomicBoolean();
    AtomicInteger count = new AtomicInteger();
    List<List<Integer>> orders = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      List<Integer> order = new ArrayList<>();
      orders.add(order);
      crew.go(
          "task " + t,
          () -> {
            for (int i = 0; i < calls; i++) {
              int number = i;
              int index = srcu.readLock();
              srcu.call(
                  () -> {
                    assertFalse(inside.getAndSet(true));
                    order.add(number);
                    count.incrementAndGet();
                    inside.set(false);
                  });
              srcu.readUnlock(index);
            }
            srcu.barrier();
          });
    }
    crew.join();
    assertEquals(tasks * calls, count.get());
    for (List<Integer> order : orders) {
      for (int i = 0; i < calls; i++) {
        assertEquals(i, order.get(i));
      }
    }
  }

  private static Runnable[] situation(Runnable enter, Runnable leave) {
    return new Runnable[] {enter, leave};
  }
}

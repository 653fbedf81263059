// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParkingSpinLockTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Context context = kernel.context();
  private final SpinLock lock = kernel.spinLock("hmm->ranges_lock");
  private final Crew crew = new Crew(kernel);
  private int counter;

  @Test
  void K011_holderIsInAtomicContext() {
    assertFalse(context.isAtomic());
    lock.lock();
    assertTrue(lock.isHeld());
    assertTrue(context.isAtomic());
    lock.assertHeld();
    lock.unlock();
    assertFalse(lock.isHeld());
    assertFalse(context.isAtomic());
    assertEquals("hmm->ranges_lock", lock.name());
  }

  @Test
  void K012_takingItTwiceIsARecursiveLock() {
    lock.lock();
    KernelBug bug = bug(Rule.RECURSIVE_LOCK, lock::lock);
    assertMentions(bug, "spin lock 'hmm->ranges_lock'", kernel.machine().current());
    bug(Rule.RECURSIVE_LOCK, lock::lockIrqsave);
    assertFalse(lock.tryLock());
    assertTrue(lock.isHeld());
    lock.unlock();
    assertFalse(lock.isHeld());
    assertFalse(context.isAtomic());
  }

  @Test
  void K013_onlyTheHolderUnlocksAndOnlyInTheSameForm() {
    bug(Rule.BAD_UNLOCK, lock::unlock);
    bug(Rule.BAD_UNLOCK, () -> lock.unlockIrqrestore(0));
    long flags = lock.lockIrqsave();
    assertMentions(bug(Rule.BAD_UNLOCK, lock::unlock), "taken with lockIrqsave");
    bug(Rule.BAD_UNLOCK, () -> lock.unlockIrqrestore(17));
    assertTrue(lock.isHeld());
    lock.unlockIrqrestore(flags);
    lock.lock();
    bug(Rule.BAD_UNLOCK, () -> lock.unlockIrqrestore(flags));
    Crew.Member thief =
        crew.go(
            "thief",
            () -> {
              KernelBug bug = bug(Rule.BAD_UNLOCK, lock::unlock);
              assertTrue(bug.getMessage().contains("held by "), bug.getMessage());
              assertTrue(bug.getMessage().contains("thief"), bug.getMessage());
              bug(Rule.LOCK_NOT_HELD, lock::assertHeld);
              assertFalse(lock.tryLock());
              assertFalse(context.isAtomic());
            });
    thief.join();
    assertTrue(lock.isHeld());
    lock.unlock();
  }

  @Test
  void K016_assertHeldNamesTheLock() {
    assertMentions(bug(Rule.LOCK_NOT_HELD, lock::assertHeld), "'hmm->ranges_lock'", "free");
  }

  @Test
  void K014_irqsaveNestsAndRestores() {
    SpinLock inner = kernel.spinLock("inner");
    long outerFlags = lock.lockIrqsave();
    long innerFlags = inner.lockIrqsave();
    inner.unlockIrqrestore(innerFlags);
    lock.unlockIrqrestore(outerFlags);
    assertFalse(context.isAtomic());

    // Hand over hand: the outer flags are given back last, by the inner lock.
    outerFlags = lock.lockIrqsave();
    innerFlags = inner.lockIrqsave();
    lock.unlockIrqrestore(innerFlags);
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, context::mightSleep), "interrupts off", "'inner'");
    inner.unlockIrqrestore(outerFlags);
    assertFalse(context.isAtomic());
  }

  @Test
  void K014_interruptsStayOffWhenTheOuterFlagsAreLost() {
    SpinLock inner = kernel.spinLock("inner");
    long outer = lock.lockIrqsave();
    long nested = inner.lockIrqsave();
    inner.unlockIrqrestore(nested);
    lock.unlockIrqrestore(nested);
    assertTrue(context.isAtomic());
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, context::mightSleep), "interrupts off");
    lock.lock();
    bug(Rule.BAD_UNLOCK, () -> lock.unlockIrqrestore(outer));
    lock.unlock();
    long again = lock.lockIrqsave();
    assertEquals(nested, again);
    lock.unlockIrqrestore(outer);
    assertFalse(context.isAtomic());
  }

  @Test
  void K015_locksAreReleasedInAnyOrderAndToAnyDepth() {
    SpinLock[] many = new SpinLock[100];
    for (int i = 0; i < many.length; i++) {
      many[i] = kernel.spinLock("lock " + i);
      many[i].lock();
    }
    for (int i = 0; i < many.length; i++) {
      int other = i * 37 % many.length;
      many[other].unlock();
      assertFalse(many[other].isHeld());
    }
    assertFalse(context.isAtomic());
  }

  @Test
  void K010_excludesAndLosesNoWakeUp() {
    int tasks = 4;
    int turns = 20_000;
    for (int i = 0; i < tasks; i++) {
      boolean irq = i % 2 == 0;
      crew.go("counter " + i, () -> count(turns, irq));
    }
    crew.join();
    lock.lock();
    assertEquals(tasks * turns, counter);
    lock.unlock();
  }

  @Test
  void waiterParksWhileTheHolderIsNotRunning() {
    CountDownLatch resume = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    crew.go(
        "descheduled",
        () -> {
          lock.lock();
          held.countDown();
          resume.await();
          lock.unlock();
        });
    Crew.await(held);
    for (int i = 0; i < 3; i++) {
      crew.goAndPark("waiter " + i, () -> count(1, false));
    }
    resume.countDown();
    crew.join();
    assertEquals(3, counter);
  }

  @Test
  void K002_interruptedTaskStillGetsTheLock() {
    lock.lock();
    Crew.Member waiter =
        crew.go(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              count(1, true);
              assertTrue(Thread.interrupted());
            });
    waiter.awaitParked();
    waiter.thread().interrupt();
    lock.unlock();
    crew.join();
    assertEquals(1, counter);
  }

  @Test
  void needsAName() {
    assertThrows(NullPointerException.class, () -> kernel.spinLock(null));
  }

  private void count(int turns, boolean irq) {
    for (int i = 0; i < turns; i++) {
      if (irq) {
        long flags = lock.lockIrqsave();
        counter++;
        lock.unlockIrqrestore(flags);
      } else {
        lock.lock();
        counter++;
        lock.unlock();
      }
    }
  }
}

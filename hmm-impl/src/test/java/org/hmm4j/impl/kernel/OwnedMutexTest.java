// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OwnedMutexTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Mutex mutex = kernel.mutex("mydev->update");
  private final Crew crew = new Crew(kernel);
  private int counter;

  @Test
  void K017_ownerMaySleep() {
    mutex.lock();
    assertTrue(mutex.isHeld());
    mutex.assertHeld();
    assertFalse(kernel.context().isAtomic());
    kernel.context().mightSleep();
    mutex.unlock();
    assertFalse(mutex.isHeld());
    assertEquals("mydev->update", mutex.name());
  }

  @Test
  void K018_lockInAtomicContextIsABugEvenWhenFree() {
    SpinLock spin = kernel.spinLock("outer");
    spin.lock();
    KernelBug bug = bug(Rule.SLEEP_IN_ATOMIC, mutex::lock);
    assertMentions(bug, "mutex 'mydev->update'", "spin lock 'outer'", "1 spin locks held");
    assertFalse(mutex.isHeld());
    assertTrue(mutex.tryLock());
    mutex.unlock();
    spin.unlock();
    kernel.context().nonBlockStart();
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, mutex::lock), "non-blocking");
    kernel.context().nonBlockEnd();
    mutex.lock();
    mutex.unlock();
  }

  @Test
  void K019_takingItTwiceIsARecursiveLock() {
    mutex.lock();
    assertMentions(bug(Rule.RECURSIVE_LOCK, mutex::lock), "mutex 'mydev->update'");
    assertFalse(mutex.tryLock());
    mutex.unlock();
    assertTrue(mutex.tryLock());
    mutex.unlock();
  }

  @Test
  void K020_onlyTheOwnerUnlocks() {
    assertMentions(bug(Rule.BAD_UNLOCK, mutex::unlock), "free");
    mutex.lock();
    Task owner = kernel.machine().current();
    crew.go(
            "thief",
            () -> {
              assertMentions(bug(Rule.BAD_UNLOCK, mutex::unlock), "held by " + owner, "thief");
              assertMentions(bug(Rule.LOCK_NOT_HELD, mutex::assertHeld), "held by " + owner);
              assertFalse(mutex.isHeld());
              assertFalse(mutex.tryLock());
            })
        .join();
    assertTrue(mutex.isHeld());
    mutex.unlock();
  }

  @Test
  void K017_excludesAndLosesNoWakeUp() {
    int tasks = 4;
    int turns = 20_000;
    for (int i = 0; i < tasks; i++) {
      Random random = new Random(i);
      crew.go("counter " + i, () -> count(turns, random));
    }
    crew.join();
    assertEquals(tasks * turns, counter);
  }

  @Test
  void K021_wokenWaiterIsNotOvertakenForEver() {
    CountDownLatch served = new CountDownLatch(1);
    mutex.lock();
    crew.goAndPark(
        "patient",
        () -> {
          mutex.lock();
          served.countDown();
          mutex.unlock();
        });
    mutex.unlock();
    // Takes the mutex again at once, as often as it can, until the waiter had its turn.
    while (served.getCount() > 0) {
      mutex.lock();
      mutex.unlock();
    }
    crew.join();
  }

  @Test
  void K002_interruptedTaskStillGetsTheMutex() {
    mutex.lock();
    Crew.Member waiter =
        crew.goAndPark(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              mutex.lock();
              assertTrue(Thread.currentThread().isInterrupted());
              mutex.unlock();
            });
    waiter.thread().interrupt();
    waiter.awaitParked();
    mutex.unlock();
    crew.join();
  }

  private void count(int turns, Random random) {
    for (int i = 0; i < turns; i++) {
      if (random.nextInt(4) > 0 || !mutex.tryLock()) {
        mutex.lock();
      }
      counter++;
      mutex.unlock();
    }
  }
}

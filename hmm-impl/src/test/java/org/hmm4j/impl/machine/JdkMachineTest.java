// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JdkMachineTest {

  private final JdkMachine machine = new JdkMachine();

  @Test
  void foreignThreadBecomesOneTaskWithItsName() {
    Task self = machine.current();
    assertSame(self, machine.current());
    assertEquals(Thread.currentThread().getName(), self.name());
    assertEquals(self.name() + "/" + self.id(), self.toString());
    assertEquals(Optional.empty(), self.failure());
  }

  @Test
  void taskRunsOnNamedDaemonThreadAndKnowsItself() {
    AtomicReference<Task> inside = new AtomicReference<>();
    AtomicReference<Thread> thread = new AtomicReference<>();
    Task task =
        machine.spawn(
            "worker",
            () -> {
              inside.set(machine.current());
              thread.set(Thread.currentThread());
            });
    task.join();
    assertSame(task, inside.get());
    assertEquals("worker", thread.get().getName());
    assertTrue(thread.get().isDaemon());
    assertNotEquals(machine.current().id(), task.id());
    assertEquals(Optional.empty(), task.failure());
  }

  @Test
  void joinWaitsAndFailureKeepsWhatTheBodyThrew() {
    Error thrown = new AssertionError("broken");
    Task task =
        machine.spawn(
            "broken",
            () -> {
              throw thrown;
            });
    task.join();
    assertSame(thrown, task.failure().orElseThrow());
  }

  @Test
  void joinKeepsTheInterruptFlag() {
    CountDownLatch go = new CountDownLatch(1);
    Task task = machine.spawn("slow", () -> awaitQuietly(go));
    Task joiner =
        machine.spawn(
            "joiner",
            () -> {
              Thread.currentThread().interrupt();
              task.join();
              assertTrue(Thread.interrupted());
            });
    go.countDown();
    joiner.join();
    assertEquals(Optional.empty(), joiner.failure());
  }

  @Test
  void K001_unparkBeforeParkIsNotLost() {
    machine.unpark(machine.current());
    machine.unpark(machine.current());
    machine.park();
    // One permit only: the second park waits until its deadline.
    long deadline = machine.nanoTime() + 1_000_000;
    machine.parkUntil(deadline);
    assertTrue(machine.nanoTime() - deadline >= 0);
  }

  @Test
  void parkUntilThePastReturnsAtOnceAndTakesThePermit() {
    machine.unpark(machine.current());
    machine.parkUntil(machine.nanoTime() - 1);
    long deadline = machine.nanoTime() + 1_000_000;
    machine.parkUntil(deadline);
    assertTrue(machine.nanoTime() - deadline >= 0);
  }

  @Test
  void permitSurvivesOtherUsersOfLockSupport() {
    machine.unpark(machine.current());
    // As a java.util.concurrent lock would: takes the permit of the thread, which is not ours.
    LockSupport.parkNanos(1);
    LockSupport.parkNanos(1);
    machine.park();
  }

  @Test
  void foreignUnparkDoesNotEndAPark() {
    AtomicBoolean through = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    AtomicReference<Thread> thread = new AtomicReference<>();
    Task task =
        machine.spawn(
            "parked",
            () -> {
              thread.set(Thread.currentThread());
              started.countDown();
              machine.park();
              through.set(true);
            });
    awaitQuietly(started);
    for (int i = 0; i < 100; i++) {
      LockSupport.unpark(thread.get());
      awaitState(thread.get(), Thread.State.WAITING);
    }
    assertFalse(through.get());
    machine.unpark(task);
    task.join();
    assertTrue(through.get());
  }

  @Test
  void K002_interruptedTaskParksInsteadOfSpinningAndKeepsItsFlag() {
    AtomicInteger turns = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Thread> thread = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Task task =
        machine.spawn(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              thread.set(Thread.currentThread());
              started.countDown();
              while (!done.get()) {
                machine.park();
                turns.incrementAndGet();
              }
              assertTrue(Thread.currentThread().isInterrupted());
            });
    awaitQuietly(started);
    for (int i = 1; i <= 3; i++) {
      awaitState(thread.get(), Thread.State.WAITING);
      assertEquals(i - 1, turns.get());
      thread.get().interrupt();
      machine.unpark(task);
      int expected = i;
      await(() -> turns.get() == expected);
    }
    done.set(true);
    machine.unpark(task);
    task.join();
    assertEquals(Optional.empty(), task.failure());
    assertEquals(4, turns.get());
  }

  @Test
  void K002_interruptedTaskStaysParked() {
    AtomicReference<Thread> thread = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Task task =
        machine.spawn(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              thread.set(Thread.currentThread());
              started.countDown();
              machine.park();
              Thread.currentThread().interrupt();
              machine.parkUntil(machine.nanoTime() + 1_000_000_000_000L);
            });
    awaitQuietly(started);
    for (int i = 0; i < 2; i++) {
      assertSettlesIn(thread.get(), i == 0 ? Thread.State.WAITING : Thread.State.TIMED_WAITING);
      machine.unpark(task);
    }
    task.join();
    assertEquals(Optional.empty(), task.failure());
  }

  @Test
  void refusesTasksOfOtherKinds() {
    Task other =
        new Task(1, "other") {
          @Override
          public void join() {}

          @Override
          public Optional<Throwable> failure() {
            return Optional.empty();
          }
        };
    assertThrows(IllegalArgumentException.class, () -> machine.unpark(other));
    assertThrows(NullPointerException.class, () -> machine.spawn(null, () -> {}));
    assertThrows(NullPointerException.class, () -> machine.spawn("no body", null));
  }

  @Test
  void threadDoesNotKeepAMachineAlive() {
    WeakReference<Object> kernelState = useAndForgetAMachine();
    for (int i = 0; i < 50 && kernelState.get() != null; i++) {
      System.gc();
    }
    assertNull(kernelState.get());
  }

  private static WeakReference<Object> useAndForgetAMachine() {
    JdkMachine forgotten = new JdkMachine();
    // As a kernel does: the task leads back to the machine.
    Object state = new Object[] {forgotten};
    forgotten.current().context(state);
    return new WeakReference<>(state);
  }

  /**
   * Requires that a thread stays in a state for 20 ms before 2 s are over. One that spins on its
   * parking is often seen in another.
   */
  private static void assertSettlesIn(Thread thread, Thread.State state) {
    long start = System.nanoTime();
    long since = start;
    while (System.nanoTime() - since < 20_000_000) {
      if (thread.getState() != state) {
        since = System.nanoTime();
        assertTrue(since - start < 2_000_000_000, "spins instead of parking");
      }
    }
  }

  private static void awaitState(Thread thread, Thread.State state) {
    await(() -> thread.getState() == state);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.yield();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * A wait queue whose waiters park: {@code wait_queue_head_t}, include/linux/wait.h and
 * kernel/sched/wait.c.
 *
 * <p>No wake-up is lost: a waiter enters the queue and then tests its condition; a waker makes the
 * condition true and then looks at the queue. That a waiter was woken is noted in its entry,
 * because a condition may wait for locks and so use up the permit of the task. A park that returns
 * without reason makes the waiter test once more, as {@code ___wait_event} does.
 */
final class ParkingWaitQueue implements WaitQueue {

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The longest time of which the deadline can be compared with the clock: some 146 years. */
  private static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

  private final Tasks tasks;

  /** What the conditions are about, for the machine. */
  private final Object subject;

  /** The same for people. */
  private final String text;

  private final ConcurrentLinkedQueue<Waiter> queue = new ConcurrentLinkedQueue<>();

  /** Makes a queue by itself. */
  ParkingWaitQueue(Tasks tasks, String name) {
    this.tasks = tasks;
    this.subject = this;
    this.text = "wait queue '" + Objects.requireNonNull(name, "name") + "'";
  }

  /** Makes a queue that is part of something. */
  ParkingWaitQueue(Tasks tasks, Object subject, String text) {
    this.tasks = tasks;
    this.subject = subject;
    this.text = text;
  }

  @Override
  public void waitEvent(BooleanSupplier condition) {
    Waiter self = enter(condition);
    try {
      while (!isTrue(condition, self)) {
        if (!self.woken) {
          reportWait();
          tasks.park();
        }
      }
    } finally {
      queue.remove(self);
    }
  }

  @Override
  public boolean waitEventTimeout(BooleanSupplier condition, long timeoutMillis) {
    if (timeoutMillis < 0) {
      throw new IllegalArgumentException("negative time: " + timeoutMillis);
    }
    Waiter self = enter(condition);
    long deadline = tasks.nanoTime() + nanos(timeoutMillis);
    boolean late = timeoutMillis == 0;
    try {
      // The test comes after the look at the clock, so that a condition that became true late
      // counts.
      while (!isTrue(condition, self)) {
        if (late) {
          return false;
        }
        if (!self.woken) {
          reportWait();
          tasks.parkUntil(deadline);
          late = tasks.nanoTime() - deadline >= 0;
        }
      }
      return true;
    } finally {
      queue.remove(self);
    }
  }

  @Override
  public void wakeAll() {
    tasks.step(Step.WAKE, subject);
    // Also a condition over plain fields must be visible before the queue is looked at, like under
    // the queue lock of the kernel.
    VarHandle.fullFence();
    for (Waiter waiter : queue) {
      waiter.woken = true;
      tasks.unpark(waiter.task);
    }
  }

  private Waiter enter(BooleanSupplier condition) {
    Objects.requireNonNull(condition, "condition");
    TaskContext self = tasks.current();
    self.mightSleep(text);
    Waiter waiter = new Waiter(self.task());
    queue.add(waiter);
    return waiter;
  }

  private void reportWait() {
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.report(TracePoint.WAITS, subject, text);
    }
  }

  private boolean isTrue(BooleanSupplier condition, Waiter self) {
    tasks.step(Step.WAIT, subject);
    self.woken = false;
    // Pairs with the fence in wakeAll.
    VarHandle.fullFence();
    return condition.getAsBoolean();
  }

  private static long nanos(long millis) {
    return millis > FOREVER_NANOS / NANOS_PER_MILLI ? FOREVER_NANOS : millis * NANOS_PER_MILLI;
  }

  @Override
  public String toString() {
    return text;
  }

  private static final class Waiter {
    private final Task task;
    private volatile boolean woken;

    Waiter(Task task) {
      this.task = task;
    }
  }
}

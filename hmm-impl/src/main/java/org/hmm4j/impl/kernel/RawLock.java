// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.hmm4j.machine.Task;

/**
 * The bare exclusive lock under spin locks, mutexes and the wait list of a semaphore: {@code
 * raw_spinlock_t}, kernel/locking/qspinlock.c. No checks, no preemption points.
 *
 * <p>A task looks at a busy lock a few times, then stands in line and parks. A task that comes
 * along may overtake the line, which is far cheaper than a wake-up for every change of owner; but
 * one that was woken and overtaken becomes impatient, and the next release hands the lock over to
 * the head of the line. So a task is overtaken at most until its second wake-up.
 *
 * <p>No wake-up is lost: a waiter enters the line and then looks at the owner; a release clears the
 * owner and then looks at the line. Both are volatile, so at least one sees the other.
 */
final class RawLock {

  private static final VarHandle OWNER;
  private static final VarHandle WAITING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OWNER = lookup.findVarHandle(RawLock.class, "owner", Task.class);
      WAITING = lookup.findVarHandle(RawLock.class, "waiting", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tasks tasks;
  private final ConcurrentLinkedQueue<Waiter> line = new ConcurrentLinkedQueue<>();
  private volatile Task owner;
  private volatile int waiting;

  RawLock(Tasks tasks) {
    this.tasks = tasks;
  }

  boolean tryTake(Task task) {
    // The read keeps a failing try from stealing the cache line of the owner.
    return owner == null && OWNER.compareAndSet(this, null, task);
  }

  void take(Task task) {
    if (tryTake(task)) {
      return;
    }
    for (int turn = tasks.spinLimit(); turn > 0; turn--) {
      Thread.onSpinWait();
      if (tryTake(task)) {
        return;
      }
    }
    await(task);
  }

  /** Releases the lock, which the caller owns. */
  void give() {
    if (waiting != 0) {
      Waiter head = line.peek();
      if (head != null && head.impatient) {
        owner = head.task;
        tasks.unpark(head.task);
        return;
      }
    }
    owner = null;
    if (waiting != 0) {
      Waiter head = line.peek();
      if (head != null) {
        tasks.unpark(head.task);
      }
    }
  }

  String holder() {
    Task now = owner;
    return now == null ? "free" : "held by " + now;
  }

  private void await(Task task) {
    WAITING.getAndAdd(this, 1);
    Waiter self = new Waiter(task);
    line.add(self);
    boolean woken = false;
    // The owner is this task already if the lock was handed over.
    while (owner != task && !tryTake(task)) {
      self.impatient = woken;
      tasks.park();
      woken = true;
    }
    line.remove(self);
    WAITING.getAndAdd(this, -1);
  }

  private static final class Waiter {
    private final Task task;
    private volatile boolean impatient;

    Waiter(Task task) {
      this.task = task;
    }
  }
}

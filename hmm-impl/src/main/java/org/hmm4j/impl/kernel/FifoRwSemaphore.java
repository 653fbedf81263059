// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.machine.Task;

/**
 * A read/write semaphore with one line for readers and writers: {@code struct rw_semaphore},
 * kernel/locking/rwsem.c.
 *
 * <p>One word holds the writer bit, the bit "the line is not empty" and the number of readers.
 * While nobody waits, a compare-and-set is all that is done. Once the second bit is set, every
 * newcomer goes to the line, and only these changes are left: a reader leaves (lock-free), and,
 * under the guard, the lock goes from the last holder straight to the head of the line, or to all
 * readers in front of the first writer. A woken task never has to compete.
 */
final class FifoRwSemaphore extends TrackedLock implements RwSemaphore {

  private static final int WRITER = 1;
  private static final int WAITERS = 2;
  private static final int READER = 4;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(FifoRwSemaphore.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tasks tasks;

  /** The kernel's {@code wait_lock}. */
  private final RawLock guard;

  @GuardedBy("guard")
  private final ArrayDeque<Waiter> line = new ArrayDeque<>();

  private volatile int state;

  // The writer, or the reader that came last: a hint for messages, so a race does no harm.
  private Task hint;

  FifoRwSemaphore(Tasks tasks, String name) {
    super(tasks, "rw semaphore", name);
    this.tasks = tasks;
    this.guard = new RawLock(tasks);
  }

  @Override
  public void readLock() {
    current().acquire(this, LockMode.READ, true);
  }

  @Override
  public void readLockNested(int subclass) {
    current().acquireNested(this, LockMode.READ, subclass);
  }

  @Override
  public void mightLockRead() {
    current().checkAcquire(this, LockMode.READ);
  }

  @Override
  public boolean readTryLock() {
    return current().acquire(this, LockMode.READ, false);
  }

  @Override
  public void readUnlock() {
    current().release(this, LockMode.READ);
  }

  @Override
  public void writeLock() {
    current().acquire(this, LockMode.WRITE, true);
  }

  @Override
  public void writeLockNested(int subclass) {
    current().acquireNested(this, LockMode.WRITE, subclass);
  }

  @Override
  public void writeLockNestLock(KernelLock nestLock) {
    current().acquireNestLock(this, LockMode.WRITE, nestLock);
  }

  @Override
  public void mightLock() {
    current().checkAcquire(this, LockMode.WRITE);
  }

  @Override
  public boolean writeTryLock() {
    return current().acquire(this, LockMode.WRITE, false);
  }

  @Override
  public void writeUnlock() {
    current().release(this, LockMode.WRITE);
  }

  @Override
  public void downgradeWrite() {
    current().downgrade(this);
  }

  @Override
  public boolean isHeldWrite() {
    return current().holds(this, LockMode.WRITE);
  }

  @Override
  public void assertHeldWrite() {
    TaskContext self = current();
    if (!self.holds(this, LockMode.WRITE)) {
      throw notHeld(self, " for write");
    }
  }

  @Override
  boolean tryTake(Task task, LockMode mode) {
    for (int now = state; isOpenTo(mode, now); now = state) {
      if (STATE.compareAndSet(this, now, now + unit(mode))) {
        hint = task;
        return true;
      }
    }
    return false;
  }

  @Override
  void take(Task task, LockMode mode) {
    Waiter self = new Waiter(task, mode);
    guard.take(task);
    boolean taken = takeOrStandInLine(self);
    guard.give();
    while (!taken && !self.granted) {
      tasks.park();
    }
    hint = task;
  }

  @Override
  void give(Task task, LockMode mode) {
    if (mode == LockMode.READ) {
      int left = (int) STATE.getAndAdd(this, -READER) - READER;
      if (left == WAITERS) {
        passOn(task, 0);
      }
    } else if (!STATE.compareAndSet(this, WRITER, 0)) {
      passOn(task, -WRITER);
    }
  }

  /** Turns the hold of the caller, the writer, into that of a reader. */
  void downgrade(Task task) {
    if (!STATE.compareAndSet(this, WRITER, READER)) {
      passOn(task, READER - WRITER);
    }
  }

  @Override
  String holder() {
    int now = state;
    if ((now & WRITER) != 0) {
      return "held for write by " + hint;
    }
    int readers = now / READER;
    return readers == 0 ? "free" : "held for read by " + readers + ", the last of them " + hint;
  }

  /** Enters the line unless the lock came free; guard held. */
  private boolean takeOrStandInLine(Waiter self) {
    while (true) {
      int now = state;
      if (isOpenTo(self.mode, now)) {
        if (STATE.compareAndSet(this, now, now + unit(self.mode))) {
          return true;
        }
      } else if (STATE.compareAndSet(this, now, now | WAITERS)) {
        // From now on the last holder can't leave without looking at the line.
        line.add(self);
        return false;
      }
    }
  }

  /** Changes the state by what the caller gives up and lets those in who can now come in. */
  private void passOn(Task task, int change) {
    guard.take(task);
    STATE.getAndAdd(this, change);
    Waiter granted = grant();
    guard.give();
    for (Waiter next = granted; next != null; next = next.alsoGranted) {
      next.granted = true;
      tasks.unpark(next.task);
    }
  }

  /** Gives the lock to the head of the line, if it is free for it; guard held. */
  private Waiter grant() {
    Waiter head = line.peek();
    if (head == null || (state & WRITER) != 0) {
      return null;
    }
    if (head.mode == LockMode.WRITE) {
      if (state >= READER) {
        return null;
      }
      line.remove();
      STATE.getAndAdd(this, WRITER - lineEnded());
      return head;
    }
    Waiter tail = head;
    int readers = 0;
    for (Waiter next = head; next != null && next.mode == LockMode.READ; next = line.peek()) {
      line.remove();
      tail.alsoGranted = next == head ? null : next;
      tail = next;
      readers += READER;
    }
    STATE.getAndAdd(this, readers - lineEnded());
    return head;
  }

  private int lineEnded() {
    return line.isEmpty() ? WAITERS : 0;
  }

  private static boolean isOpenTo(LockMode mode, int state) {
    return mode == LockMode.READ ? (state & (WRITER | WAITERS)) == 0 : state == 0;
  }

  private static int unit(LockMode mode) {
    return mode == LockMode.READ ? READER : WRITER;
  }

  private static final class Waiter {
    private final Task task;
    private final LockMode mode;

    // Set before and read after the hand-over by the task that grants, so it needs no guard.
    private Waiter alsoGranted;

    private volatile boolean granted;

    Waiter(Task task, LockMode mode) {
      this.task = task;
      this.mode = mode;
    }
  }
}

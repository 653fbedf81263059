// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/** Real threads that a card can stop at a step, see asleep, and move the clock for. */
final class StopMachine implements Machine {

  /** Where something happens: a step of a task, by name, on an object, by its text. */
  record Place(String task, Step step, String object) {}

  private record Hook(Place place, Runnable action, AtomicBoolean done) {}

  private final List<Hook> hooks = new CopyOnWriteArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final ThreadLocal<CardTask> current = new ThreadLocal<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile boolean timeFlies;
  private volatile long passed;

  /** Runs something once, in the first task that comes to a place. */
  void once(Place place, Runnable action) {
    hooks.add(new Hook(place, action, new AtomicBoolean()));
  }

  /** From now on a wait with a time limit is over at once, at its limit. */
  void timeFlies() {
    timeFlies = true;
  }

  /** Tells those who wait in {@link #awaitAsleep} that a task has ended. */
  void noteChange() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a task sleeps in the engine or is done; returns false if neither comes. */
  boolean awaitAsleep(Task task, BooleanSupplier done, long patienceMillis) {
    long left = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    lock.lock();
    try {
      while (!((CardTask) task).isAsleep() && !done.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    if (hooks.isEmpty()) {
      return;
    }
    for (Hook hook : hooks) {
      Place place = hook.place;
      if (place.step == step
          && String.valueOf(object).contains(place.object)
          && current().name().equals(place.task)
          && hook.done.compareAndSet(false, true)) {
        hook.action.run();
      }
    }
  }

  @Override
  public void park() {
    park(Long.MAX_VALUE);
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    long left = deadlineNanos - nanoTime();
    if (timeFlies) {
      passed += Math.max(0, left);
    } else {
      park(left);
    }
  }

  private void park(long nanos) {
    CardTask self = running();
    long left = nanos;
    lock.lock();
    try {
      self.parked = true;
      changed.signalAll();
      while (!self.permit && left > 0) {
        left = changed.awaitNanos(left);
      }
      self.permit = false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      self.parked = false;
      lock.unlock();
    }
  }

  @Override
  public void unpark(Task task) {
    lock.lock();
    try {
      ((CardTask) task).permit = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Task current() {
    return running();
  }

  private CardTask running() {
    CardTask task = current.get();
    if (task == null) {
      task = new CardTask(ids.incrementAndGet(), Thread.currentThread().getName());
      task.thread = Thread.currentThread();
      current.set(task);
    }
    return task;
  }

  @Override
  public Task spawn(String name, Runnable body) {
    CardTask task = new CardTask(ids.incrementAndGet(), name);
    task.thread =
        new Thread(
            () -> {
              current.set(task);
              try {
                body.run();
              } catch (RuntimeException | Error thrown) {
                task.fail(thrown);
              }
            },
            name);
    task.thread.setDaemon(true);
    task.thread.start();
    return task;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() + passed;
  }

  @Override
  public boolean explores() {
    return true;
  }

  @Override
  public int spinLimit() {
    return 0;
  }
}

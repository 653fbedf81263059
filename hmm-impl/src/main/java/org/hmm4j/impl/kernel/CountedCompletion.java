// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.Completion;
import org.hmm4j.machine.Step;

/**
 * A completion with a count of those who may still go on: {@code struct completion},
 * kernel/sched/completion.c.
 */
final class CountedCompletion implements Completion {

  /** The count that is never used up: the kernel's {@code UINT_MAX}. */
  private static final int ALL = Integer.MAX_VALUE;

  private static final VarHandle DONE;

  static {
    try {
      DONE = MethodHandles.lookup().findVarHandle(CountedCompletion.class, "done", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tasks tasks;
  private final String name;
  private final ParkingWaitQueue waiters;
  private final BooleanSupplier takeOne = this::takeOne;
  private volatile int done;

  CountedCompletion(Tasks tasks, String name) {
    this.tasks = tasks;
    this.name = Objects.requireNonNull(name, "name");
    this.waiters = new ParkingWaitQueue(tasks, this, toString());
  }

  @Override
  public void waitFor() {
    waiters.waitEvent(takeOne);
  }

  @Override
  public boolean waitForTimeout(long timeoutMillis) {
    return waiters.waitEventTimeout(takeOne, timeoutMillis);
  }

  @Override
  public void complete() {
    tasks.step(Step.COUNT, this);
    for (int now = done; now != ALL; now = done) {
      if (DONE.compareAndSet(this, now, now + 1)) {
        break;
      }
    }
    waiters.wakeAll();
  }

  @Override
  public void completeAll() {
    tasks.step(Step.COUNT, this);
    done = ALL;
    waiters.wakeAll();
  }

  private boolean takeOne() {
    for (int now = done; now != 0; now = done) {
      if (now == ALL || DONE.compareAndSet(this, now, now - 1)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "completion '" + name + "'";
  }
}

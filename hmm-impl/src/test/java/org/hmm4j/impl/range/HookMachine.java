// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.function.BiPredicate;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/** Real threads, with a place for a test to come in at a step. */
final class HookMachine implements Machine {

  private final JdkMachine threads = new JdkMachine();
  private volatile BiPredicate<Step, Object> where = (step, object) -> false;
  private volatile Runnable what;

  /** Runs something once, in the first task that comes to such a step. */
  void once(BiPredicate<Step, Object> step, Runnable hook) {
    where = step;
    what = hook;
  }

  boolean hasRun() {
    return what == null;
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    Runnable hook = what;
    if (hook != null && where.test(step, object)) {
      what = null;
      hook.run();
    }
  }

  @Override
  public Task current() {
    return threads.current();
  }

  @Override
  public Task spawn(String name, Runnable body) {
    return threads.spawn(name, body);
  }

  @Override
  public void park() {
    threads.park();
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    threads.parkUntil(deadlineNanos);
  }

  @Override
  public void unpark(Task task) {
    threads.unpark(task);
  }

  @Override
  public long nanoTime() {
    return threads.nanoTime();
  }

  @Override
  public boolean explores() {
    return true;
  }

  @Override
  public int spinLimit() {
    return threads.spinLimit();
  }
}

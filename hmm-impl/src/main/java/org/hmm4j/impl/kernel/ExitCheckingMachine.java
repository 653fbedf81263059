// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Objects;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/**
 * The machine of a kernel as its users see it: a task spawned here must end with nothing held, as
 * {@code debug_check_no_locks_held} requires in {@code do_exit}, kernel/exit.c. All else goes to
 * the machine below.
 */
final class ExitCheckingMachine implements Machine {

  private final Tasks tasks;
  private final Machine machine;

  ExitCheckingMachine(Tasks tasks) {
    this.tasks = tasks;
    this.machine = tasks.machine();
  }

  @Override
  public Task spawn(String name, Runnable body) {
    Objects.requireNonNull(body, "body");
    return machine.spawn(name, () -> runAndCheck(body));
  }

  @Override
  public Task current() {
    return machine.current();
  }

  @Override
  public void park() {
    machine.park();
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    machine.parkUntil(deadlineNanos);
  }

  @Override
  public void unpark(Task task) {
    machine.unpark(task);
  }

  @Override
  public long nanoTime() {
    return machine.nanoTime();
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    machine.preemptionPoint(step, object);
  }

  @Override
  public boolean explores() {
    return machine.explores();
  }

  @Override
  public int spinLimit() {
    return machine.spinLimit();
  }

  private void runAndCheck(Runnable body) {
    try {
      body.run();
    } catch (Throwable thrown) {
      check(thrown);
      throw thrown;
    }
    check(null);
  }

  private void check(Throwable thrown) {
    KernelBug bug = tasks.current().close("body", thrown);
    if (bug != null) {
      throw bug;
    }
  }
}

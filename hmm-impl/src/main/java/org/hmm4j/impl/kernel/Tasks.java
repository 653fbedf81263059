// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * The one way from the primitives of a kernel to its machine: {@code current}, {@code schedule} and
 * {@code wake_up_process} of kernel/sched/core.c.
 */
final class Tasks {

  private final Machine machine;
  private final boolean explores;
  private final int spinLimit;
  private final Sites sites;
  private final LockValidator validator;
  private final Tracer tracer;

  /**
   * Binds a kernel to its machine.
   *
   * @param options say whether the order of locks is checked, places are recorded and who is told
   *     of it
   * @throws IllegalArgumentException if the calling task belongs to another kernel already
   */
  Tasks(Machine machine, KernelOptions options) {
    this.machine = machine;
    this.explores = machine.explores();
    this.spinLimit = machine.spinLimit();
    this.sites = new Sites(options);
    this.tracer = options.trace().map(sink -> new Tracer(machine, sink)).orElse(null);
    this.validator = options.lockdep() ? new LockValidator(this) : null;
    current();
  }

  Sites sites() {
    return sites;
  }

  /** Returns what checks the order of locks, or null. */
  LockValidator validator() {
    return validator;
  }

  /** Returns what reports events, or null. */
  Tracer tracer() {
    return tracer;
  }

  Machine machine() {
    return machine;
  }

  int spinLimit() {
    return spinLimit;
  }

  /** Returns the state of the calling task. */
  TaskContext current() {
    Task task = machine.current();
    return task.context() instanceof TaskContext context && context.belongsTo(this)
        ? context
        : enter(task);
  }

  /** Lets a deterministic machine choose who goes on. */
  void step(Step step, Object object) {
    if (explores) {
      machine.preemptionPoint(step, object);
    }
  }

  void park() {
    machine.park();
  }

  void parkUntil(long deadlineNanos) {
    machine.parkUntil(deadlineNanos);
  }

  void unpark(Task task) {
    if (tracer != null) {
      tracer.report(TracePoint.WOKEN, task);
    }
    machine.unpark(task);
  }

  long nanoTime() {
    return machine.nanoTime();
  }

  private TaskContext enter(Task task) {
    if (task.context() != null) {
      throw new IllegalArgumentException(
          "machine " + machine + " serves another kernel already: task " + task + " belongs to it");
    }
    TaskContext context = new TaskContext(this, task);
    task.context(context);
    return context;
  }
}

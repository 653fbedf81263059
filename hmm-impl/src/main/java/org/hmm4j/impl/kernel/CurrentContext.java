// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.KernelBug;

/**
 * The execution context of whichever task asks: {@code preempt_count()}, include/linux/preempt.h.
 */
final class CurrentContext implements Context {

  private final Tasks tasks;
  private final PseudoLocks pseudoLocks;

  CurrentContext(Tasks tasks, PseudoLocks pseudoLocks) {
    this.tasks = tasks;
    this.pseudoLocks = pseudoLocks;
  }

  @Override
  public void mightSleep() {
    tasks.current().mightSleep("might_sleep");
  }

  @Override
  public void mightAlloc() {
    pseudoLocks.mightAlloc(tasks.current());
  }

  @Override
  public boolean isAtomic() {
    return tasks.current().atomic().isAtomic();
  }

  @Override
  public void preemptDisable() {
    tasks.current().atomic().preemptDisable();
  }

  @Override
  public void preemptEnable() {
    TaskContext self = tasks.current();
    if (!self.atomic().preemptEnable()) {
      throw unbalanced(self, "preemptEnable", "preemptDisable");
    }
    self.settle();
  }

  @Override
  public void nonBlockStart() {
    tasks.current().atomic().nonBlockStart();
  }

  @Override
  public void nonBlockEnd() {
    TaskContext self = tasks.current();
    if (!self.atomic().nonBlockEnd()) {
      throw unbalanced(self, "nonBlockEnd", "nonBlockStart");
    }
    self.settle();
  }

  @Override
  public void irqEnter() {
    tasks.current().irqEnter();
  }

  @Override
  public void irqExit() {
    tasks.current().irqExit();
  }

  @Override
  public boolean inHardirq() {
    return tasks.current().atomic().inHardirq();
  }

  private static KernelBug unbalanced(TaskContext self, String end, String start) {
    return new KernelBug(
        KernelBug.Rule.BAD_CONTEXT,
        end + " of task " + self.task() + " without " + start + "; " + self.atomic());
  }
}

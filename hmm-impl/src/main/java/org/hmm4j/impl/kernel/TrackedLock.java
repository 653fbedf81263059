// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Objects;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Task;

/**
 * A lock that the held-lock list of a task can name: {@code struct lockdep_map},
 * include/linux/lockdep_types.h.
 *
 * <p>A subclass supplies the bare lock; {@link TaskContext} calls it after all checks. So the three
 * methods here neither check who calls them nor have preemption points.
 */
abstract class TrackedLock {

  private final Tasks tasks;
  private final String kind;
  private final String name;

  TrackedLock(Tasks tasks, String kind, String name) {
    this.tasks = tasks;
    this.kind = kind;
    this.name = Objects.requireNonNull(name, "name");
  }

  /** Takes the lock if that needs no waiting. */
  abstract boolean tryTake(Task task, LockMode mode);

  /** Takes the lock; waits for it. */
  abstract void take(Task task, LockMode mode);

  /** Gives the lock back. */
  abstract void give(Task task, LockMode mode);

  /** Returns who holds the lock at about this time, for a message: "held by a/1", "free". */
  abstract String holder();

  final TaskContext current() {
    return tasks.current();
  }

  public final boolean isHeld() {
    return current().holds(this);
  }

  public final void assertHeld() {
    TaskContext self = current();
    if (!self.holds(this)) {
      throw notHeld(self, "");
    }
  }

  /** Makes the report of a failed assertion. */
  final KernelBug notHeld(TaskContext self, String how) {
    return new KernelBug(
        KernelBug.Rule.LOCK_NOT_HELD,
        this + " must be held" + how + " by task " + self.task() + " here; it is " + holder());
  }

  public final String name() {
    return name;
  }

  @Override
  public final String toString() {
    return kind + " '" + name + "'";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Objects;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.machine.Task;

/**
 * A lock that the held-lock list of a task can name: {@code struct lockdep_map},
 * include/linux/lockdep_types.h.
 *
 * <p>A subclass supplies the bare lock; {@link TaskContext} calls it after all checks. So the three
 * methods here neither check who calls them nor have preemption points.
 */
abstract class TrackedLock implements KernelLock {

  private final Tasks tasks;
  private final String kind;
  private final String name;

  /** The class; found at the first use. A race finds the same one twice. */
  private LockClass type;

  /** The same for the subclasses, from 1 on. */
  private LockClass[] nested;

  TrackedLock(Tasks tasks, String kind, String name) {
    this.tasks = tasks;
    this.kind = kind;
    this.name = Objects.requireNonNull(name, "name");
  }

  /**
   * Returns the lock behind the interface.
   *
   * @throws IllegalArgumentException if it is none of an engine
   */
  static TrackedLock of(KernelLock lock, String name) {
    if (Objects.requireNonNull(lock, name) instanceof TrackedLock tracked) {
      return tracked;
    }
    throw new IllegalArgumentException(name + " has to come from a kernel, got " + lock);
  }

  /** Takes the lock if that needs no waiting. */
  abstract boolean tryTake(Task task, LockMode mode);

  /** Takes the lock; waits for it. */
  abstract void take(Task task, LockMode mode);

  /** Gives the lock back. */
  abstract void give(Task task, LockMode mode);

  /** Returns who holds the lock at about this time, for a message: "held by a/1", "free". */
  abstract String holder();

  /** Returns the class of a hold with this subclass. */
  final LockClass type(LockClasses classes, LockMode mode, int subclass, Task task) {
    LockClass[] below = nested;
    LockClass known = subclass == 0 ? type : below == null ? null : below[subclass];
    return known == null ? findType(classes, mode, subclass, task) : known;
  }

  private LockClass findType(LockClasses classes, LockMode mode, int subclass, Task task) {
    LockClass found = classes.of(this, mode, subclass, task);
    if (subclass == 0) {
      type = found;
    } else {
      LockClass[] all = nested == null ? new LockClass[Lockdep.MAX_SUBCLASSES] : nested.clone();
      all[subclass] = found;
      nested = all;
    }
    return found;
  }

  final TaskContext current() {
    return tasks.current();
  }

  @Override
  public final boolean isHeld() {
    return current().holds(this);
  }

  @Override
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
        this
            + " must be held"
            + how
            + " by task "
            + self.task()
            + " here; it is "
            + holder()
            + self.held());
  }

  /** What kind of lock it is: locks of two kinds are never of one class. */
  final String kind() {
    return kind;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String toString() {
    return kind + " '" + name + "'";
  }
}

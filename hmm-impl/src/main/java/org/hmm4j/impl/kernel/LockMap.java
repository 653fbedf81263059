// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Task;

/**
 * A lock that nobody waits for: it stands for a situation, so that what must not be done in it can
 * be told by the rules for locks. {@code struct lockdep_map} with {@code lock_map_acquire},
 * include/linux/lockdep.h, Linux 6.1.
 */
public final class LockMap extends TrackedLock {

  LockMap(Tasks tasks, String name) {
    super(tasks, "pseudo lock", name);
  }

  /**
   * Enters the situation: {@code lock_map_acquire}. Any context.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task is in it already
   */
  public void acquire() {
    current().acquire(this, LockMode.MAP, true);
  }

  /**
   * Leaves it: {@code lock_map_release}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the task is not in it
   */
  public void release() {
    current().release(this, LockMode.MAP);
  }

  /**
   * Requires that the task is not in it, by entering and leaving it.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if it is
   */
  public void assertNotHeld() {
    acquire();
    release();
  }

  @Override
  boolean tryTake(Task task, LockMode mode) {
    return true;
  }

  @Override
  void take(Task task, LockMode mode) {
    throw new AssertionError("nobody waits for a pseudo lock");
  }

  @Override
  void give(Task task, LockMode mode) {}

  @Override
  String holder() {
    return "not held by this task";
  }
}

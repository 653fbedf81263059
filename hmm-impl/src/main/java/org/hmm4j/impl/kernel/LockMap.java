// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.machine.Task;

/**
 * A pseudo lock: {@code struct lockdep_map} with {@code lock_map_acquire}, include/linux/lockdep.h,
 * Linux 6.1.
 */
public final class LockMap extends TrackedLock implements PseudoLock {

  LockMap(Tasks tasks, String name) {
    super(tasks, "pseudo lock", name);
  }

  @Override
  public void acquire() {
    current().acquire(this, LockMode.MAP, true);
  }

  @Override
  public void tryAcquire() {
    current().acquire(this, LockMode.MAP, false);
  }

  @Override
  public void release() {
    current().release(this, LockMode.MAP);
  }

  @Override
  public void mightLock() {
    current().checkAcquire(this, LockMode.MAP);
  }

  /**
   * Requires that the task is not in it and may enter it, by entering and leaving it.
   *
   * @throws KernelBug as {@link #acquire}
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

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A sleeping lock with an owner: {@code struct mutex}, kernel/locking/mutex.c, Linux 6.1. Not
 * recursive; only the task that took it may release it.
 */
public interface Mutex {

  /**
   * Takes the mutex: {@code mutex_lock}. Context: may sleep; checked also when it is free.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it already, {@link
   *     KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; the mutex stays as it was
   */
  void lock();

  /**
   * Takes the mutex if it is free: {@code mutex_trylock}. Context: task context, never sleeps.
   *
   * @return true if it was taken
   */
  boolean tryLock();

  /**
   * Releases the mutex: {@code mutex_unlock}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not own it; the
   *     mutex stays as it was
   */
  void unlock();

  /**
   * Returns whether the calling task owns the mutex.
   *
   * @return true if it does
   */
  boolean isHeld();

  /**
   * Requires that the calling task owns the mutex: {@code lockdep_assert_held}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeld();

  /**
   * Returns the name of the lock's class.
   *
   * @return the name given to {@link Kernel#mutex}
   */
  String name();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A sleeping lock with an owner: {@code struct mutex}, kernel/locking/mutex.c, Linux 6.1. Not
 * recursive; only the task that took it may release it.
 *
 * <p>With {@link Lockdep} on, each method that may wait for the lock also throws what that says,
 * and the lock stays as it was.
 */
public interface Mutex extends KernelLock {

  /**
   * Takes the mutex: {@code mutex_lock}. Context: may sleep; checked also when it is free.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it already, {@link
   *     KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; the mutex stays as it was
   */
  void lock();

  /**
   * As {@link #lock()}, for the inner one of two locks of this class whose order is fixed: {@code
   * mutex_lock_nested}, which makes it a class of its own for {@link Lockdep}.
   *
   * @param subclass depth of the nesting, 1 up to {@link Lockdep#MAX_SUBCLASSES} exclusive; 0 is
   *     {@link #lock()}
   * @throws IllegalArgumentException if there is no such subclass
   * @throws KernelBug as {@link #lock()}
   */
  void lockNested(int subclass);

  /**
   * As {@link #lock()}, for one of several locks of this class whose order does not matter because
   * all who take several hold another lock: {@code mutex_lock_nest_lock}. {@link Lockdep} lets them
   * be held together if the nest lock was taken before the first of them.
   *
   * @param nestLock the lock that is held by the calling task
   * @throws IllegalArgumentException if the nest lock is not one of a kernel
   * @throws KernelBug as {@link #lock()}; with {@link Lockdep} on {@link
   *     KernelBug.Rule#LOCK_NOT_HELD} if the nest lock is not held
   */
  void lockNestLock(KernelLock nestLock);

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
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A sleeping lock for many readers or one writer: {@code struct rw_semaphore},
 * kernel/locking/rwsem.c, Linux 6.1.
 *
 * <p>First come, first served: a waiting writer stops new readers. Not recursive: a task that holds
 * it in any mode must not wait for it again. (A {@link #readTryLock} by a task that reads already
 * may succeed, as in the kernel, and is released on its own.) Released by the task that took it.
 *
 * <p>With {@link Lockdep} on, each method that may wait for the lock also throws what that says,
 * and the lock stays as it was.
 */
public interface RwSemaphore extends KernelLock {

  /**
   * Takes the lock for read: {@code down_read}. Context: may sleep; checked also when it is free.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it in any mode,
   *     {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; the lock stays as it was
   */
  void readLock();

  /**
   * As {@link #readLock()}, for the inner one of two locks of this class whose order is fixed:
   * {@code down_read_nested}, which makes it a class of its own for {@link Lockdep}.
   *
   * @param subclass depth of the nesting, 1 up to {@link Lockdep#MAX_SUBCLASSES} exclusive; 0 is
   *     {@link #readLock()}
   * @throws IllegalArgumentException if there is no such subclass
   * @throws KernelBug as {@link #readLock()}
   */
  void readLockNested(int subclass);

  /**
   * Takes the lock for read if no writer holds it or waits for it: {@code down_read_trylock}. Never
   * sleeps.
   *
   * @return true if it was taken
   */
  boolean readTryLock();

  /**
   * Releases the lock from read: {@code up_read}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not hold it for
   *     read; the lock stays as it was
   */
  void readUnlock();

  /**
   * Takes the lock for write: {@code down_write}. Context: may sleep; checked also when it is free.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it in any mode,
   *     {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; the lock stays as it was
   */
  void writeLock();

  /**
   * As {@link #writeLock()}, for the inner one of two locks of this class whose order is fixed:
   * {@code down_write_nested}, which makes it a class of its own for {@link Lockdep}.
   *
   * @param subclass depth of the nesting, 1 up to {@link Lockdep#MAX_SUBCLASSES} exclusive; 0 is
   *     {@link #writeLock()}
   * @throws IllegalArgumentException if there is no such subclass
   * @throws KernelBug as {@link #writeLock()}
   */
  void writeLockNested(int subclass);

  /**
   * As {@link #writeLock()}, for one of several locks of this class whose order does not matter
   * because all who take several hold another lock: {@code down_write_nest_lock}. {@link Lockdep}
   * lets them be held together if the nest lock was taken before the first of them.
   *
   * @param nestLock the lock that is held by the calling task
   * @throws IllegalArgumentException if the nest lock is not one of a kernel
   * @throws KernelBug as {@link #writeLock()}; with {@link Lockdep} on {@link
   *     KernelBug.Rule#LOCK_NOT_HELD} if the nest lock is not held
   */
  void writeLockNestLock(KernelLock nestLock);

  /**
   * As {@link #mightLock}, for read: {@code might_lock_read}.
   *
   * @throws KernelBug as {@link #readLock}
   */
  void mightLockRead();

  /**
   * Takes the lock for write if nobody holds it: {@code down_write_trylock}. Never sleeps.
   *
   * @return true if it was taken
   */
  boolean writeTryLock();

  /**
   * Releases the lock from write: {@code up_write}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not hold it for
   *     write; the lock stays as it was
   */
  void writeUnlock();

  /**
   * Turns a hold for write into one for read without a gap: {@code downgrade_write}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not hold it for
   *     write; the lock stays as it was
   */
  void downgradeWrite();

  /**
   * Returns whether the calling task holds the lock for write.
   *
   * @return true if it does
   */
  boolean isHeldWrite();

  /**
   * Requires that the calling task holds the lock for write: {@code lockdep_assert_held_write}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeldWrite();
}

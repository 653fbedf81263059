// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A sleeping lock for many readers or one writer: {@code struct rw_semaphore},
 * kernel/locking/rwsem.c, Linux 6.1.
 *
 * <p>First come, first served: a waiting writer stops new readers. Not recursive: a task that holds
 * it in any mode must not wait for it again. (A {@link #readTryLock} by a task that reads already
 * may succeed, as in the kernel, and is released on its own.) Released by the task that took it.
 */
public interface RwSemaphore {

  /**
   * Takes the lock for read: {@code down_read}. Context: may sleep; checked also when it is free.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it in any mode,
   *     {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; the lock stays as it was
   */
  void readLock();

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
   * Returns whether the calling task holds the lock in any mode.
   *
   * @return true if it does
   */
  boolean isHeld();

  /**
   * Returns whether the calling task holds the lock for write.
   *
   * @return true if it does
   */
  boolean isHeldWrite();

  /**
   * Requires that the calling task holds the lock in any mode: {@code lockdep_assert_held}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeld();

  /**
   * Requires that the calling task holds the lock for write: {@code lockdep_assert_held_write}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeldWrite();

  /**
   * Returns the name of the lock's class.
   *
   * @return the name given to {@link Kernel#rwSemaphore}
   */
  String name();
}

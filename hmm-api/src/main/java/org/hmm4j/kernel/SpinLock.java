// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A lock whose holder may not sleep: {@code spinlock_t}, include/linux/spinlock.h, Linux 6.1.
 *
 * <p>Not recursive. Holding it puts the task into atomic context until the unlock. On real threads
 * a waiter looks at the lock a few times and then parks, so that it never burns a core while the
 * holder is not running; the model still treats the wait as one that can't be interrupted.
 */
public interface SpinLock {

  /**
   * Takes the lock: {@code spin_lock}. Context: any; atomic afterwards.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it already; the lock
   *     stays as it was
   */
  void lock();

  /**
   * Takes the lock if nobody holds it: {@code spin_trylock}. Context: any; atomic after a success.
   *
   * @return true if the lock was taken
   */
  boolean tryLock();

  /**
   * Releases the lock: {@code spin_unlock}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not hold it, or
   *     took it with {@link #lockIrqsave}; the lock stays as it was
   */
  void unlock();

  /**
   * Disables interrupts for the task and takes the lock: {@code spin_lock_irqsave}. Context: any;
   * atomic with interrupts off afterwards.
   *
   * @return the interrupt state to give back to {@link #unlockIrqrestore}
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} as {@link #lock()}
   */
  long lockIrqsave();

  /**
   * Releases the lock and restores the interrupt state: {@code spin_unlock_irqrestore}.
   *
   * @param flags what {@link #lockIrqsave} returned
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task does not hold it, or
   *     took it with {@link #lock}; the lock stays as it was
   */
  void unlockIrqrestore(long flags);

  /**
   * Returns whether the calling task holds the lock.
   *
   * @return true if it does
   */
  boolean isHeld();

  /**
   * Requires that the calling task holds the lock: {@code lockdep_assert_held}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeld();

  /**
   * Returns the name of the lock's class.
   *
   * @return the name given to {@link Kernel#spinLock}
   */
  String name();
}

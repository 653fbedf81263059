// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A lock whose holder may not sleep: {@code spinlock_t}, include/linux/spinlock.h, Linux 6.1.
 *
 * <p>Not recursive. Holding it puts the task into atomic context until the unlock. On real threads
 * a waiter looks at the lock a few times and then parks, so that it never burns a core while the
 * holder is not running; the model still treats the wait as one that can't be interrupted.
 *
 * <p>With {@link Lockdep} on, each method that may wait for the lock also throws what that says,
 * and the lock stays as it was.
 */
public interface SpinLock extends KernelLock {

  /**
   * Takes the lock: {@code spin_lock}. Context: any; atomic afterwards.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task holds it already; the lock
   *     stays as it was
   */
  void lock();

  /**
   * As {@link #lock()}, for the inner one of two locks of this class whose order is fixed: {@code
   * spin_lock_nested}, which makes it a class of its own for {@link Lockdep}.
   *
   * @param subclass depth of the nesting, 1 up to {@link Lockdep#MAX_SUBCLASSES} exclusive; 0 is
   *     {@link #lock()}
   * @throws IllegalArgumentException if there is no such subclass
   * @throws KernelBug as {@link #lock()}
   */
  void lockNested(int subclass);

  /**
   * As {@link #lock()}, for one of several locks of this class whose order does not matter because
   * all who take several hold another lock: {@code spin_lock_nest_lock}. {@link Lockdep} lets them
   * be held together if the nest lock was taken before the first of them.
   *
   * @param nestLock the lock that is held by the calling task
   * @throws IllegalArgumentException if the nest lock is not one of a kernel
   * @throws KernelBug as {@link #lock()}; with {@link Lockdep} on {@link
   *     KernelBug.Rule#LOCK_NOT_HELD} if the nest lock is not held
   */
  void lockNestLock(KernelLock nestLock);

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
   * @throws KernelBug {@link KernelBug.Rule#IRQ_UNSAFE} if this turns interrupts on under a lock
   *     that interrupts take; the lock is released all the same
   */
  void unlockIrqrestore(long flags);
}

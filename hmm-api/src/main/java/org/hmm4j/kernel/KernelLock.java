// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * What all locks have in common: {@code struct lockdep_map}, include/linux/lockdep_types.h, Linux
 * 6.1.
 *
 * <p>Locks of one kind with one name are a class; {@link Lockdep} knows and checks classes only.
 */
public interface KernelLock {

  /**
   * Marks a place at which the lock may be taken, whether it will or not: {@code might_lock}. All
   * that taking it would check is checked, with the strongest mode; the lock stays as it is.
   *
   * @throws KernelBug as taking the lock
   */
  void mightLock();

  /**
   * Returns whether the calling task holds the lock, in any mode: {@code lockdep_is_held}.
   *
   * @return true if it does
   */
  boolean isHeld();

  /**
   * Requires that the calling task holds the lock, in any mode: {@code lockdep_assert_held}.
   *
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} if it does not
   */
  void assertHeld();

  /**
   * Returns the name of the lock's class.
   *
   * @return the name that the {@link Kernel} was given
   */
  String name();
}

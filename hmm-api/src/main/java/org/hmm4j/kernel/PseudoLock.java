// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A lock that nobody waits for: it stands for a situation, so that what must not be done in it, or
 * under the locks that are taken in it, is told by the rules for locks. {@code struct lockdep_map}
 * with {@code lock_map_acquire}, include/linux/lockdep.h, Linux 6.1.
 *
 * <p>Who may bring the situation about, or waits for its end, marks that with {@link #mightLock}.
 */
public interface PseudoLock extends KernelLock {

  /**
   * Enters the situation: {@code lock_map_acquire}. Any context.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if the task is in it already, {@link
   *     KernelBug.Rule#LOCK_ORDER} as for any lock
   */
  void acquire();

  /**
   * Enters the situation where that is allowed whatever is held: {@code lock_acquire} with {@code
   * trylock}. Any context; nests.
   */
  void tryAcquire();

  /**
   * Leaves the situation: {@code lock_map_release}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the task is not in it
   */
  void release();
}

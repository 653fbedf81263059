// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;

/**
 * A subscription to all invalidations of an address space: {@code struct mmu_notifier},
 * mm/mmu_notifier.c, Linux 6.1. Made by {@link MmuNotifiers#notifier} and registered once, or got
 * from {@link MmuNotifiers#get}, which counts its users.
 */
public interface MmuNotifier {

  /**
   * Subscribes: {@code mmu_notifier_register}. The newest notifier of an address space is called
   * first. No invalidation is in flight across the registration. Context: may sleep; takes the mmap
   * lock for write, so the caller holds it in no mode.
   *
   * @param mm an address space with a user
   * @return {@link Errno#OK}; {@link Errno#ENOMEM} if an allocation failed, with nothing
   *     registered; {@link Errno#EINTR} if the address space answered so when its locks were taken
   * @throws KernelBug {@link KernelBug.Rule#MM_GONE} if the address space has no user; {@link
   *     KernelBug.Rule#ALREADY_REGISTERED} if the notifier was registered before; {@link
   *     KernelBug.Rule#RECURSIVE_LOCK} if the caller holds the mmap lock; nothing changes
   */
  Errno register(MmStruct mm);

  /**
   * As {@link #register}, for a caller that holds the mmap lock for write: {@code
   * __mmu_notifier_register}.
   *
   * @param mm an address space with a user
   * @return as {@link #register}
   * @throws KernelBug as {@link #register}; {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  Errno registerLocked(MmStruct mm);

  /**
   * Unsubscribes: {@code mmu_notifier_unregister}. Calls {@link MmuNotifierOps#release} unless exit
   * has done so. When this returns no callback runs or will run. Context: may sleep; not from a
   * callback, nor under a lock that a callback takes.
   *
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it is not registered or comes from
   *     {@link MmuNotifiers#get}, {@link KernelBug.Rule#DOUBLE_FREE} at the second call, {@link
   *     KernelBug.Rule#BAD_CONTEXT} from within a callback; nothing changes
   */
  void unregister();

  /**
   * Gives back what {@link MmuNotifiers#get} took: {@code mmu_notifier_put}. With the last user the
   * notifier is unlinked and, after a grace period, freed with {@link MmuNotifierOps#freeNotifier};
   * this does not wait for that and does not call release, so the driver must have stopped using
   * the pages before. Any context; also from release.
   *
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it does not come from {@link
   *     MmuNotifiers#get}; {@link KernelBug.Rule#USE_AFTER_FREE} when it was freed; nothing
   *     changes. Without a user, but before the grace period is over, it warns and changes nothing
   */
  void put();

  /**
   * Returns the address space.
   *
   * @return the mm, or null before registration
   */
  MmStruct mm();

  /**
   * Returns the object that this notifier is embedded in: {@code container_of}.
   *
   * @return what {@link MmuNotifierOps#allocNotifier} made; the ops themselves for a notifier that
   *     {@link MmuNotifiers#notifier} made
   */
  Object container();
}

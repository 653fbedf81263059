// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;

/**
 * The notifier core of a kernel: mm/mmu_notifier.c, Linux 6.1. What becomes of the others when a
 * list notifier fails a non-blockable start depends on the kernel's {@link
 * org.hmm4j.kernel.NotifierProfile}.
 */
public interface MmuNotifiers {

  /**
   * Returns the notifier core.
   *
   * @param kernel a kernel
   * @return its notifier core
   */
  static MmuNotifiers of(Kernel kernel) {
    return kernel.subsystem(MmuNotifiers.class);
  }

  /**
   * Makes a list notifier, not registered yet.
   *
   * @param ops its callbacks
   * @return the notifier
   */
  MmuNotifier notifier(MmuNotifierOps ops);

  /**
   * Makes an interval notifier, not inserted yet.
   *
   * @param ops its callback
   * @return the notifier
   */
  MmuIntervalNotifier intervalNotifier(MmuIntervalNotifierOps ops);

  /**
   * Finds the notifier of an address space with these very ops, or makes and registers one: {@code
   * mmu_notifier_get}. Each success counts one user, given back with {@link MmuNotifier#put}.
   * Context: may sleep; takes the mmap lock for write.
   *
   * @param ops the callbacks, compared by identity
   * @param mm an address space with a user
   * @return the notifier; or {@link Errno#ENOMEM}, {@link Errno#EINTR} if the address space
   *     answered so when its locks were taken, {@link Errno#EOVERFLOW} when there are too many
   *     users, or the error of {@link MmuNotifierOps#allocNotifier}. After an error nothing is
   *     registered
   * @throws KernelBug {@link KernelBug.Rule#MM_GONE} if the address space has no user; {@link
   *     KernelBug.Rule#RECURSIVE_LOCK} if the caller holds the mmap lock
   */
  ErrPtr<MmuNotifier> get(MmuNotifierOps ops, MmStruct mm);

  /**
   * As {@link #get}, for a caller that holds the mmap lock for write: {@code
   * mmu_notifier_get_locked}.
   *
   * @param ops the callbacks, compared by identity
   * @param mm an address space with a user
   * @return as {@link #get}
   * @throws KernelBug as {@link #get}; {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  ErrPtr<MmuNotifier> getLocked(MmuNotifierOps ops, MmStruct mm);

  /**
   * Announces a change of page tables: {@code mmu_notifier_invalidate_range_start}. Brackets nest
   * and run in parallel. Context: may sleep; not from within a callback; from here to the end a
   * lock is held that keeps registration out: the mmap lock in any mode, or one that {@link
   * org.hmm4j.mm.AddressSpace#takeAllLocks} takes.
   *
   * @param range what will change; blockable
   * @throws IllegalArgumentException if the range is not blockable
   * @throws KernelBug {@link KernelBug.Rule#CALLBACK_THREW}, or the bug that a callback ran into:
   *     the invalidation was taken back, the caller must not change the page tables and must not
   *     call the end. {@link KernelBug.Rule#RECURSIVE_LOCK} from within a callback; nothing changes
   */
  void invalidateRangeStart(MmuNotifierRange range);

  /**
   * Announces a change from where callbacks may not sleep: {@code
   * mmu_notifier_invalidate_range_start_nonblock}. Any context that does not hold a lock which a
   * callback tries.
   *
   * <p>When a list notifier fails after the intervals were told, the invalidation ends for the
   * intervals too. Linux 6.1 forgets that, and later readers of the intervals wait for ever.
   *
   * @param range what will change, not {@linkplain MmuNotifierRange#blockable blockable}
   * @return {@link Errno#OK}, or {@link Errno#EAGAIN} if a callback would have had to sleep (or
   *     what else one wrongly answered, with a warning): then the caller must neither change the
   *     page tables nor call the end
   * @throws IllegalArgumentException if the range is blockable
   * @throws KernelBug as {@link #invalidateRangeStart}
   */
  Errno invalidateRangeStartNonblock(MmuNotifierRange range);

  /**
   * Says that the change is done: {@code mmu_notifier_invalidate_range_end}. Once for each start
   * that succeeded. Context: may sleep if the range is blockable.
   *
   * @param range as given to the start
   * @throws KernelBug {@link KernelBug.Rule#UNBALANCED_END} without a start that is still open;
   *     {@link KernelBug.Rule#CALLBACK_THREW} after everybody was told
   */
  void invalidateRangeEnd(MmuNotifierRange range);

  /**
   * Waits until every notifier that was put before has been freed: {@code
   * mmu_notifier_synchronize}. To be called before the code of a driver goes away. Context: may
   * sleep.
   *
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; {@link
   *     KernelBug.Rule#BAD_CONTEXT} from within a callback of a list notifier
   */
  void synchronize();
}

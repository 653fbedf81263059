// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;

/**
 * The callbacks of a list notifier: {@code struct mmu_notifier_ops}, include/linux/mmu_notifier.h,
 * Linux 6.1. Implement {@link MmuNotifierEndOps} to hear of the ends too.
 *
 * <p>Callbacks run inside an SRCU read section, in the task that changes the address space, which
 * may hold the mmap lock and page-table locks. They must not take the mmap lock, nor unregister the
 * notifier. An exception thrown by one is reported as {@link
 * org.hmm4j.kernel.KernelBug.Rule#CALLBACK_THREW} after the others of the list were called; when an
 * interval throws, the list is not called at all.
 */
public interface MmuNotifierOps {

  /**
   * The address space exits, or the notifier is unregistered before that: {@code release}. All use
   * of its pages must have stopped when this returns. Context: may sleep. May be called twice when
   * exit and unregister race.
   *
   * @param subscription the notifier
   * @param mm its address space
   */
  default void release(MmuNotifier subscription, MmStruct mm) {}

  /**
   * Entries in the range are about to change: {@code invalidate_range_start}. When this returns
   * {@link Errno#OK} no access through the old entries may go on or begin, until the end.
   *
   * @param subscription the notifier
   * @param range what changes, and whether this may sleep
   * @return {@link Errno#OK}; or {@link Errno#EAGAIN}, only if the range is not blockable and only
   *     from a notifier that does not implement {@link MmuNotifierEndOps}, unless the core is that
   *     of 5.3. Anything else is a warning
   */
  default Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
    return Errno.OK;
  }

  /**
   * Makes the object that a notifier found by {@link MmuNotifiers#get} is embedded in: {@code
   * alloc_notifier}. Context: mmap lock held for write; may sleep.
   *
   * @param mm the address space
   * @return the object, kept as {@link MmuNotifier#container()}, or the error to answer
   */
  default ErrPtr<?> allocNotifier(MmStruct mm) {
    return ErrPtr.of(this);
  }

  /**
   * Frees what {@link #allocNotifier} made: {@code free_notifier}. Called once, after the last
   * {@link MmuNotifier#put} and a grace period: then the context is that of an SRCU callback, must
   * not sleep, and no other callback of this notifier runs or will run. Or once when registration
   * failed, in the task of {@link MmuNotifiers#get}, with the mmap lock held for write.
   *
   * @param subscription the notifier
   */
  default void freeNotifier(MmuNotifier subscription) {}
}

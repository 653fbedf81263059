// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;

/**
 * A device's mirror of an address space: {@code struct hmm_mirror}, include/linux/hmm.h, v5.3. Made
 * by {@link Hmm#mirror}.
 */
public interface HmmMirror {

  /**
   * Begins to mirror an address space: {@code hmm_mirror_register}. The newest mirror is called
   * first. Context: mmap lock held for write; may sleep.
   *
   * @param mm an address space with a user
   * @return {@link Errno#OK}; {@link Errno#ENOMEM} if an allocation failed, with nothing registered
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock; {@link
   *     KernelBug.Rule#NOT_REGISTERED} if it is registered already; {@link KernelBug.Rule#MM_GONE}
   *     if the address space has no user; nothing changes
   */
  Errno register(MmStruct mm);

  /**
   * Ends it: {@code hmm_mirror_unregister}. When this returns no callback runs or will run. No
   * range of the mirror may be registered any more. Context: may sleep; not from a callback, nor
   * under a lock that a callback takes.
   *
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it was never registered, {@link
   *     KernelBug.Rule#DOUBLE_FREE} at the second call, {@link KernelBug.Rule#STILL_IN_USE} while a
   *     range is registered with it, {@link KernelBug.Rule#RECURSIVE_LOCK} from a callback; nothing
   *     changes
   */
  void unregister();

  /**
   * Begins to track a range: {@code hmm_range_register}. Holds the address space alive until {@link
   * #rangeUnregister}. Any context.
   *
   * @param range a range that is not registered
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if start >= end, an end is not page-aligned or
   *     the page size is not that of the address space; {@link Errno#EFAULT} if the address space
   *     is exiting. After an error the range is not registered
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if the mirror was never registered or
   *     the range already is, {@link KernelBug.Rule#USE_AFTER_FREE} if the mirror was unregistered;
   *     nothing changes
   */
  Errno rangeRegister(HmmRange range);

  /**
   * Ends it and poisons the range, which keeps its addresses and answers: {@code
   * hmm_range_unregister}. May run the exit of the address space if this was its last user.
   * Context: may sleep; the mmap lock is not held.
   *
   * @param range a range registered with this mirror
   * @return whether it was valid, as in patch 18 of the series of July 2019, which v5.3 dropped:
   *     meaningful only under the driver's lock
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it was never registered with this
   *     mirror, {@link KernelBug.Rule#DOUBLE_FREE} at the second call; nothing changes
   */
  boolean rangeUnregister(HmmRange range);

  /**
   * Answers and faults in what is requested: {@code hmm_range_fault} with block = true, v5.3, by
   * the rules of Linux 6.1 for each page. Context: mmap lock held, and still held on every return;
   * may sleep.
   *
   * @param range a range registered with this mirror
   * @return as {@link Hmm#rangeFault}
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if the range was never registered with
   *     this mirror, {@link KernelBug.Rule#USE_AFTER_FREE} if it was unregistered, {@link
   *     KernelBug.Rule#LOCK_NOT_HELD} without the mmap lock, {@link KernelBug.Rule#BAD_CONTEXT} if
   *     the fault handler dropped that lock without leave
   */
  Errno rangeFault(HmmRange range);

  /**
   * As {@link #rangeFault}, but a fault may drop the mmap lock: {@code hmm_range_fault} with block
   * = false, v5.3; {@code HMM_FAULT_ALLOW_RETRY}, v5.4.
   *
   * @param range a range registered with this mirror
   * @return as {@link #rangeFault}; or {@link Errno#EAGAIN}, which means exactly that the mmap lock
   *     was dropped
   * @throws KernelBug as {@link #rangeFault}
   */
  Errno rangeFaultAllowRetry(HmmRange range);

  /**
   * Answers without faulting, whatever the range requests: {@code hmm_range_snapshot}, v5.3.
   * Context: mmap lock held, and still held on every return; may sleep.
   *
   * @param range a range registered with this mirror
   * @return {@link Errno#OK}; {@link Errno#EBUSY} if the range is being invalidated
   * @throws KernelBug as {@link #rangeFault}
   */
  Errno rangeSnapshot(HmmRange range);

  /**
   * Returns the address space.
   *
   * @return the mm, or null while it is not registered
   */
  MmStruct mm();
}

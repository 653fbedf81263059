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
   * @return {@link Errno#OK}; {@link Errno#ENOMEM} if an allocation failed or the address space
   *     answered {@link Errno#EINTR} when its locks were taken, with nothing registered
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock; {@link
   *     KernelBug.Rule#ALREADY_REGISTERED} if it is registered already; {@link
   *     KernelBug.Rule#MM_GONE} if the address space has no user; nothing changes
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
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if the mirror was never registered,
   *     {@link KernelBug.Rule#USE_AFTER_FREE} if it was unregistered, {@link
   *     KernelBug.Rule#ALREADY_REGISTERED} if the range is registered; nothing changes
   */
  Errno rangeRegister(HmmRange range);

  /**
   * Ends it and poisons the range, which keeps its addresses and answers: {@code
   * hmm_range_unregister}. May run the exit of the address space if this was its last user.
   * Context: may sleep; the mmap lock is not held, nor a lock that a release callback takes, unless
   * the caller has another user of the address space.
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
   * Faults a range in as {@link #rangeFault} does, and maps each page that is there for a device:
   * {@code hmm_range_dma_map} with block = true, mm/hmm.c, v5.3. A page that may be written is
   * mapped in both directions. Context: as {@link #rangeFault}.
   *
   * <p>The mappings are of use only while the range is valid: check that under the driver's lock,
   * and give them back with {@link #dmaUnmap} when an invalidation comes.
   *
   * @param range a range registered with this mirror
   * @param device maps the pages
   * @param daddrs takes a bus address for each page of the range, 0 for a page that is not there.
   *     As 0 may be an address, {@link HmmRange#pfns()} tells which pages are mapped: the valid
   *     ones
   * @return how many pages were mapped, which may be none; or the error of {@link #rangeFault},
   *     after which the array is as it was; or {@link Errno#EBUSY} if the range was invalidated
   *     meanwhile, {@link Errno#EFAULT} if the device could not map a page: then what was mapped
   *     has been unmapped, each page once, and all entries and addresses are 0
   * @throws IllegalArgumentException if the array is shorter than the range has pages
   * @throws KernelBug as {@link #rangeFault}; {@link KernelBug.Rule#CALLBACK_THREW} if the device
   *     threw: nothing stays mapped
   */
  DmaResult dmaMap(HmmRange range, DmaDevice device, long[] daddrs);

  /**
   * As {@link #dmaMap}, but a fault may drop the mmap lock: {@code hmm_range_dma_map} with block =
   * false, v5.3.
   *
   * @param range a range registered with this mirror
   * @param device maps the pages
   * @param daddrs takes a bus address for each page of the range
   * @return as {@link #dmaMap}; or {@link Errno#EAGAIN}, which means exactly that the mmap lock was
   *     dropped, with nothing mapped
   * @throws IllegalArgumentException as {@link #dmaMap}
   * @throws KernelBug as {@link #dmaMap}
   */
  DmaResult dmaMapAllowRetry(HmmRange range, DmaDevice device, long[] daddrs);

  /**
   * Unmaps what {@link #dmaMap} has mapped: {@code hmm_range_dma_unmap}, mm/hmm.c, v5.3. The range
   * need not be registered any more, so that a driver may do this from its callback. Context: under
   * the driver's lock, which keeps invalidations from completing: until this returns the pages must
   * not go away. Any context that this lock allows.
   *
   * @param range the range, with the answers that it had when it was mapped
   * @param device unmaps the pages
   * @param daddrs the bus addresses
   * @param dirty whether the device may have written: pages that it could write become dirty
   * @return how many pages were unmapped; entries and addresses of these are 0 now, so a second
   *     call unmaps none. {@link Errno#EINVAL} if the range is empty or the array null
   * @throws IllegalArgumentException if the array is shorter than the range has pages
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if the mirror was never registered,
   *     {@link KernelBug.Rule#USE_AFTER_FREE} if it is not any more, when nothing keeps the pages
   *     from going away; nothing changes. {@link KernelBug.Rule#CALLBACK_THREW} if the device
   *     threw: all pages were dealt with
   */
  DmaResult dmaUnmap(HmmRange range, DmaDevice device, long[] daddrs, boolean dirty);

  /**
   * Returns the address space.
   *
   * @return the mm, or null while it is not registered
   */
  MmStruct mm();
}

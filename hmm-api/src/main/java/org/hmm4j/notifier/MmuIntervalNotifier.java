// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;

/**
 * A subscription to the invalidations of one interval: {@code struct mmu_interval_notifier},
 * mm/mmu_notifier.c, Linux 6.1. Made by {@link MmuNotifiers#intervalNotifier}.
 *
 * <p>The reader's protocol, with the driver's own lock, which the callback takes too:
 *
 * <pre>{@code
 * do {
 *   seq = sub.readBegin();
 *   ... read page tables under the mmap lock ...
 *   lock.lock();
 *   if (!sub.readRetry(seq)) { ... program the device ...; lock.unlock(); break; }
 *   lock.unlock();
 * } while (true);
 * }</pre>
 */
public interface MmuIntervalNotifier {

  /**
   * Subscribes: {@code mmu_interval_notifier_insert}. Callbacks may come before this returns.
   * Context: may sleep; takes the mmap lock for write if this is the first interval of the address
   * space, so the caller holds it in no mode.
   *
   * @param mm the address space
   * @param start first address, in bytes
   * @param length bytes
   * @return {@link Errno#OK}; {@link Errno#EOVERFLOW} if length is 0 or the interval goes beyond
   *     the last address; {@link Errno#EINVAL}, with a warning, if the address space has no user;
   *     {@link Errno#ENOMEM} if an allocation failed; {@link Errno#EINTR} if the address space
   *     answered so when its locks were taken. After an error the notifier is not inserted
   * @throws KernelBug {@link KernelBug.Rule#ALREADY_REGISTERED} if it is inserted already; {@link
   *     KernelBug.Rule#MM_GONE} if this would be the first interval of an address space without a
   *     user; {@link KernelBug.Rule#RECURSIVE_LOCK} if the caller holds the mmap lock; nothing
   *     changes
   */
  Errno insert(MmStruct mm, long start, long length);

  /**
   * As {@link #insert}, for a caller that holds the mmap lock for write: {@code
   * mmu_interval_notifier_insert_locked}.
   *
   * @param mm the address space
   * @param start first address, in bytes
   * @param length bytes
   * @return as {@link #insert}
   * @throws KernelBug as {@link #insert}; {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  Errno insertLocked(MmStruct mm, long start, long length);

  /**
   * Unsubscribes: {@code mmu_interval_notifier_remove}. When this returns no callback runs or will
   * run. May be inserted again afterwards. Context: may sleep, waits for running invalidations; not
   * from a callback, nor under a lock that a callback takes.
   *
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it was never inserted, {@link
   *     KernelBug.Rule#DOUBLE_FREE} at the second call, {@link KernelBug.Rule#RECURSIVE_LOCK} from
   *     within a callback; nothing changes
   */
  void remove();

  /**
   * Begins to read what the interval covers: {@code mmu_interval_read_begin}. Waits while an
   * invalidation that this notifier knows of is running. Context: may sleep; not under a lock that
   * a callback takes, nor under the mmap lock.
   *
   * @return the sequence to give to {@link #readRetry} and {@link #checkRetry}
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it was never inserted, {@link
   *     KernelBug.Rule#USE_AFTER_FREE} if it was removed; {@link KernelBug.Rule#RECURSIVE_LOCK}
   *     from within a callback
   */
  long readBegin();

  /**
   * Asks whether what was read since {@link #readBegin} may be out of date: {@code
   * mmu_interval_read_retry}. Context: under the lock that the callback holds around {@link
   * #setSeq}.
   *
   * @param seq what {@link #readBegin} returned
   * @return true if an invalidation came in between: begin again
   */
  boolean readRetry(long seq);

  /**
   * Asks the same without a lock, to give up early: {@code mmu_interval_check_retry}. Any context.
   *
   * @param seq what {@link #readBegin} returned
   * @return true if {@link #readRetry} would be true; false says nothing
   */
  boolean checkRetry(long seq);

  /**
   * Records an invalidation: {@code mmu_interval_set_seq}. Only from the callback, under the
   * driver's lock.
   *
   * @param curSeq the sequence that the callback was given
   */
  void setSeq(long curSeq);

  /**
   * Returns the address space.
   *
   * @return the mm, or null while it is not inserted
   */
  MmStruct mm();

  /**
   * Returns where the interval begins.
   *
   * @return an address in bytes, inclusive
   */
  long start();

  /**
   * Returns where the interval ends: {@code interval_tree.last}.
   *
   * @return an address in bytes, <em>inclusive</em>, to be compared unsigned
   */
  long last();
}

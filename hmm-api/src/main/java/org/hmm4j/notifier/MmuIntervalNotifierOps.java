// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

/** The callback of an interval notifier: {@code struct mmu_interval_notifier_ops}, Linux 6.1. */
@FunctionalInterface
public interface MmuIntervalNotifierOps {

  /**
   * Entries that the interval covers are about to change: {@code invalidate}. Under the lock that
   * guards the device page table, call {@link MmuIntervalNotifier#setSeq} with the sequence, then
   * take the range out of the device page table. When this returns true no access through the old
   * entries may go on. Context: the task that changes the address space; sleeps only if the range
   * is blockable; must not take the mmap lock, nor remove the notifier, nor call {@link
   * MmuIntervalNotifier#readBegin}.
   *
   * @param subscription the notifier
   * @param range what changes, not clipped to the interval
   * @param curSeq the sequence to set, always odd
   * @return true; or false, only if the range is not blockable and the callback would have had to
   *     sleep: then it has done nothing
   */
  boolean invalidate(MmuIntervalNotifier subscription, MmuNotifierRange range, long curSeq);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import java.util.Objects;
import org.hmm4j.mm.MmStruct;

/**
 * One invalidation: {@code struct mmu_notifier_range}, include/linux/mmu_notifier.h, Linux 6.1.
 * Addresses compare as unsigned numbers.
 *
 * @param mm the address space that changes
 * @param event why
 * @param start first address, in bytes
 * @param end first address beyond
 * @param owner with {@link MmuNotifierEvent#MIGRATE} and {@link MmuNotifierEvent#EXCLUSIVE}, who
 *     causes it, to be compared by identity; otherwise null
 * @param blockable whether callbacks may sleep
 */
public record MmuNotifierRange(
    MmStruct mm, MmuNotifierEvent event, long start, long end, Object owner, boolean blockable) {

  /**
   * Checks that the range is not empty.
   *
   * @param mm the address space
   * @param event the reason
   * @param start inclusive
   * @param end exclusive
   * @param owner who causes it, or null
   * @param blockable whether callbacks may sleep
   */
  public MmuNotifierRange {
    Objects.requireNonNull(mm, "mm");
    Objects.requireNonNull(event, "event");
    if (Long.compareUnsigned(start, end) >= 0) {
      throw new IllegalArgumentException(
          "an invalidation needs start < end, got 0x%x, 0x%x".formatted(start, end));
    }
  }

  /**
   * Describes a blockable invalidation: {@code mmu_notifier_range_init}.
   *
   * @param mm the address space that changes
   * @param event why
   * @param start first address, in bytes
   * @param end first address beyond
   * @return the range, without an owner
   * @throws IllegalArgumentException if start >= end
   */
  public static MmuNotifierRange of(MmStruct mm, MmuNotifierEvent event, long start, long end) {
    return new MmuNotifierRange(mm, event, start, end, null, true);
  }

  /**
   * Names who causes the invalidation: {@code mmu_notifier_range_init_owner}.
   *
   * @param owner the owner
   * @return a copy with this owner
   */
  public MmuNotifierRange owner(Object owner) {
    return new MmuNotifierRange(mm, event, start, end, owner, blockable);
  }

  /**
   * Forbids callbacks to sleep, as the caller of the non-blocking start does.
   *
   * @return a copy that is not blockable
   */
  public MmuNotifierRange nonBlockable() {
    return new MmuNotifierRange(mm, event, start, end, owner, false);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

/** Why page tables change: {@code enum mmu_notifier_event}, include/linux/mmu_notifier.h, 6.1. */
public enum MmuNotifierEvent {
  /** Unmapped or moved away: munmap, mremap. */
  UNMAP,
  /** Entries are cleared and may come back changed: madvise, reclaim, copy-on-write. */
  CLEAR,
  /** The rights of a whole stretch change: mprotect. */
  PROTECTION_VMA,
  /** The rights of a page change. */
  PROTECTION_PAGE,
  /** Entries are made read-only to see who writes. */
  SOFT_DIRTY,
  /** The address space is going away. */
  RELEASE,
  /** Pages are collected to be migrated to or from the device that the owner names. */
  MIGRATE,
  /** Pages are made exclusive to the device that the owner names. */
  EXCLUSIVE
}

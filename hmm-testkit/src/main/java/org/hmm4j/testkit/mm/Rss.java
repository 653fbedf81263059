// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/**
 * What a process has in its page tables, in pages: /proc/PID/status, include/linux/mm_types_task.h,
 * Linux 6.1.
 *
 * @param filePages pages of files and drivers, but for tmpfs: {@code MM_FILEPAGES}
 * @param anonPages anonymous pages: {@code MM_ANONPAGES}
 * @param swapEntries pages that are swapped out: {@code MM_SWAPENTS}
 * @param shmemPages pages of tmpfs and of shared anonymous memory: {@code MM_SHMEMPAGES}
 */
public record Rss(long filePages, long anonPages, long swapEntries, long shmemPages) {

  /** The counters, in the kernel's order. */
  enum Kind {
    MM_FILEPAGES,
    MM_ANONPAGES,
    MM_SWAPENTS,
    MM_SHMEMPAGES
  }
}

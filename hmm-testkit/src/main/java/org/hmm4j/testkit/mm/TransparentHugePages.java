// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/**
 * Who gets huge pages for private anonymous memory: /sys/kernel/mm/transparent_hugepage/enabled.
 * Files and shared memory never do: {@code shmem_enabled} is never.
 */
public enum TransparentHugePages {
  /** Everybody who did not refuse. */
  ALWAYS,
  /** Who asked for it with {@link FakeMm#madviseHugepage}. The default. */
  MADVISE,
  /** Nobody. */
  NEVER;

  /** {@code hugepage_flags_enabled}, {@code hugepage_flags_always}, include/linux/huge_mm.h. */
  boolean allow(boolean advised) {
    return this == ALWAYS || (this == MADVISE && advised);
  }
}

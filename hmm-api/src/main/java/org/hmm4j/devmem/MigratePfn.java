// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/**
 * The format of the entries of {@link MigrateVma}: {@code MIGRATE_PFN_*}, include/linux/migrate.h,
 * Linux 6.1.
 *
 * <pre>
 * bit 0      VALID    the entry names a page
 * bit 1      MIGRATE  the page can be, and in the end was, migrated
 * bit 3      WRITE    the page is mapped writable
 * bits 6-    pfn
 * </pre>
 */
public final class MigratePfn {

  /** The entry names a page: {@code MIGRATE_PFN_VALID}. */
  public static final long VALID = 1;

  /**
   * In a source entry after setup: the page, or the lack of one, can be migrated. After {@link
   * Devmem#migrateVmaPages}: it was. {@code MIGRATE_PFN_MIGRATE}.
   */
  public static final long MIGRATE = 1 << 1;

  /** The CPU may write to the page: {@code MIGRATE_PFN_WRITE}. */
  public static final long WRITE = 1 << 3;

  /** What {@link #pfn} answers for an entry without a page. */
  public static final long NO_PAGE = -1;

  private static final int SHIFT = 6;

  private MigratePfn() {}

  /**
   * Makes an entry: {@code migrate_pfn}.
   *
   * @param pfn a page frame
   * @return the entry, with {@link #VALID}
   */
  public static long of(long pfn) {
    return pfn << SHIFT | VALID;
  }

  /**
   * Returns the page of an entry: {@code migrate_pfn_to_page}.
   *
   * @param entry an entry
   * @return its page frame, or {@link #NO_PAGE}
   */
  public static long pfn(long entry) {
    return (entry & VALID) == 0 ? NO_PAGE : entry >>> SHIFT;
  }

  /**
   * Returns whether an entry is to be, or was, migrated.
   *
   * @param entry an entry
   * @return whether it has {@link #MIGRATE}
   */
  public static boolean isMigrating(long entry) {
    return (entry & MIGRATE) != 0;
  }
}

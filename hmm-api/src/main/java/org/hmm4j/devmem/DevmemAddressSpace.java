// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.mm.AddressSpace;

/**
 * What the author of an address space implements beyond {@link AddressSpace}, so that its pages can
 * be migrated to devices: the steps of mm/migrate_device.c and mm/rmap.c, Linux 6.1, that read and
 * change page tables. The invalidations around them are the engine's.
 */
public interface DevmemAddressSpace extends AddressSpace {

  /**
   * Returns the memory that the pages lie in.
   *
   * @return the same object at each call
   */
  PageFrames frames();

  /**
   * Looks at each page of a range: {@code migrate_vma_collect_pmd}, {@code
   * migrate_vma_collect_hole}. A page that can be migrated gets a reference and its lock, a
   * migration entry comes in the place of its entry. A page whose lock is not free is left out.
   * Context: mmap lock held for read; the range lies in one VMA.
   *
   * @param migration what is wanted; {@link MigrateVma#collected} has to be called for each page
   */
  void collect(MigrateVma migration);

  /**
   * Maps a page of the driver where there was none: {@code migrate_vma_insert_page}. Only in
   * anonymous memory, and only where the entry is still empty or that of the zero page. The entry
   * takes a reference of its own. Context: mmap lock held for read; may sleep.
   *
   * @param migration the migration
   * @param address of the page
   * @param pfn a locked page that nobody else knows
   * @return false if it could not be inserted: then nothing has changed
   */
  boolean insertPage(MigrateVma migration, long address, long pfn);

  /**
   * Faults pages in for writing and takes references: {@code get_user_pages_remote} with {@code
   * FOLL_WRITE | FOLL_SPLIT_PMD}, mm/gup.c. Context: mmap lock held for read; may sleep.
   *
   * @param start first address, in bytes, at a page border
   * @param pages takes the page frames
   * @return how many pages, counted from the first, were taken; or the error that the first met
   */
  ErrPtr<Integer> getUserPages(long start, long[] pages);

  /**
   * Lets a device have a page to itself: {@code folio_make_device_exclusive}, mm/rmap.c. All
   * entries that map the page become device-exclusive entries, each VMA under an EXCLUSIVE
   * invalidation of its own. Context: mmap lock held for read; may sleep; the page is locked.
   *
   * @param pfn the page
   * @param address where it was found
   * @param owner who causes the invalidations
   * @return false if it is no anonymous page, was not mapped writable at the address, or some entry
   *     still maps it
   */
  boolean makeExclusive(long pfn, long address, Object owner);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/**
 * What the author of a physical memory implements, so that its pages can be migrated: the steps of
 * mm/migrate_device.c and mm/memremap.c, Linux 6.1, that look into {@code struct page} or follow
 * the reverse map. Pages are named by their page frame number.
 */
public interface PageFrames {

  /**
   * Gives the memory of a device page structures, all free: {@code pagemap_range}. Context: may
   * sleep.
   *
   * @param pagemap the memory, whose {@link DevPagemap#firstPfn} is not known yet
   * @return the first page frame; {@link MigratePfn#NO_PAGE} if the range is in use or there is no
   *     memory: {@code ENOMEM}
   */
  long addDevice(DevPagemap pagemap);

  /**
   * Takes the page structures away: {@code pageunmap_range}. Context: may sleep; all pages are
   * free.
   *
   * @param pagemap the memory
   */
  void removeDevice(DevPagemap pagemap);

  /**
   * Returns the device memory that a page lies in: {@code page->pgmap}.
   *
   * @param pfn a page
   * @return the memory; null for a page of main memory
   */
  DevPagemap pagemap(long pfn);

  /**
   * Takes a free device page into use: {@code zone_device_page_init}, with one reference, and
   * locked. Its contents are not initialised. Any context.
   *
   * @param pfn a free device page
   * @return false, with a warning, if its memory is being taken away
   * @throws org.hmm4j.kernel.KernelBug {@link org.hmm4j.kernel.KernelBug.Rule#STILL_IN_USE} if it
   *     is not free; nothing changes
   */
  boolean initDevicePage(long pfn);

  /**
   * Returns whether a page is a part of a huge page, and not its first: {@code PageTail}.
   *
   * @param pfn a page that the caller has a reference to
   * @return true if the lock and the references of another page stand for it
   */
  boolean isTail(long pfn);

  /**
   * Returns whether a page belongs to a process alone: {@code PageAnon}. Any context; the caller
   * has a reference.
   *
   * @param pfn a page
   * @return true if it is no page of a file
   */
  boolean isAnonymous(long pfn);

  /**
   * Adds a reference unless the page is free: {@code get_page_unless_zero}. Any context.
   *
   * @param pfn a page
   * @return false if it is free
   */
  boolean tryGetPage(long pfn);

  /**
   * Drops a reference; a device page that becomes free is reported to its driver: {@code put_page},
   * {@code free_zone_device_page}. Any context.
   *
   * @param pfn a page
   */
  void putPage(long pfn);

  /**
   * Tries to lock a page: {@code trylock_page}. Any context; the caller has a reference.
   *
   * @param pfn a page
   * @return false if it is locked
   */
  boolean tryLockPage(long pfn);

  /**
   * Locks a page: {@code lock_page}. Context: may sleep; the caller has a reference.
   *
   * @param pfn a page
   */
  void lockPage(long pfn);

  /**
   * Unlocks a page and wakes who waits for it: {@code unlock_page}. Any context.
   *
   * @param pfn a locked page
   */
  void unlockPage(long pfn);

  /**
   * Puts migration entries in the place of all entries that still map a page: {@code
   * try_to_migrate}, mm/rmap.c. Each VMA gets a CLEAR invalidation of its own. Context: may sleep;
   * the page is locked and the caller has a reference; no spin lock held.
   *
   * @param pfn a page
   * @param expectedReferences how many references the caller knows of
   * @return whether it can be migrated, {@code migrate_vma_check_page}: no entry maps it, and
   *     nobody else has a reference
   */
  boolean unmapForMigration(long pfn, int expectedReferences);

  /**
   * Lets a page become what another was, but for the contents, which the driver has copied: {@code
   * migrate_folio} with {@code MIGRATE_SYNC_NO_COPY}. A page of a file can only become one of main
   * memory. Context: may sleep; both are locked.
   *
   * @param source the page that was unmapped
   * @param target the page that takes its place
   * @param extraReferences how many references to the source the caller knows of, beside its own
   * @return false if somebody else has the source: then nothing has changed
   */
  boolean migratePage(long source, long target, int extraReferences);

  /**
   * Replaces all migration entries of a page: {@code remove_migration_ptes}, mm/migrate.c. Context:
   * may sleep; both are locked; no spin lock held.
   *
   * @param source the page that was unmapped
   * @param target the page that the entries map from now on, which may be the same
   */
  void removeMigrationEntries(long source, long target);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;

/** Device memory of a kernel: mm/memremap.c, mm/migrate_device.c, mm/rmap.c, Linux 6.1. */
public interface Devmem {

  /**
   * Returns the device memory layer.
   *
   * @param kernel a kernel
   * @return its device memory layer
   */
  static Devmem of(Kernel kernel) {
    return kernel.subsystem(Devmem.class);
  }

  /**
   * Gives the memory of a device page structures: {@code memremap_pages}, mm/memremap.c. Context:
   * may sleep.
   *
   * @param frames the memory beside which it lies
   * @param config what the driver knows of it
   * @return the memory, all pages free; {@link Errno#EINVAL} without ops, a page_free or an owner,
   *     or if private memory has no migrate_to_ram, or there are no pages; {@link Errno#ENOMEM} if
   *     the page structures can't be made. After an error nothing has changed
   */
  ErrPtr<DevPagemap> memremapPages(PageFrames frames, DevPagemapConfig config);

  /**
   * Takes the memory of a device away: {@code memunmap_pages}, mm/memremap.c. No page can be taken
   * into use from now on; waits until all are free, so they have to be migrated away or unmapped
   * before or meanwhile. Context: may sleep.
   *
   * @param pagemap the memory
   * @throws KernelBug {@link KernelBug.Rule#DOUBLE_FREE} at the second call
   */
  void memunmapPages(DevPagemap pagemap);

  /**
   * Takes a free page of a device into use: {@code zone_device_page_init}, mm/memremap.c. Any
   * context.
   *
   * @param pagemap the memory
   * @param pfn a page of it that is free
   * @return whether the page has one reference now, and is locked; false, with a warning, if the
   *     memory is being taken away
   */
  boolean zoneDevicePageInit(DevPagemap pagemap, long pfn);

  /**
   * Collects the pages of a range, locks them and takes them out of all page tables: {@code
   * migrate_vma_setup}, mm/migrate_device.c. Pages that can't be had are left where they are, with
   * a source entry of 0. Context: may sleep; mmap lock held for read, also after. Announces MIGRATE
   * with the owner, and CLEAR for what others map.
   *
   * @param migration the range, which is not in use
   * @return {@link Errno#OK}, also if no page can be migrated; {@link Errno#EINVAL} without a VMA,
   *     for a VMA of hugetlb, of raw or mixed device memory, for an empty range, one that is not
   *     within the VMA, or a fault page that is no private device memory: then nothing has changed
   */
  Errno migrateVmaSetup(MigrateVma migration);

  /**
   * Lets the pages of the driver take the place of the source pages: {@code migrate_vma_pages}. A
   * source entry loses {@link MigratePfn#MIGRATE} if that is not possible, or the driver has given
   * no page. Context: as {@link #migrateVmaSetup}.
   *
   * @param migration after setup
   */
  void migrateVmaPages(MigrateVma migration);

  /**
   * Maps what took the place, or again what was there, and unlocks and puts all pages: {@code
   * migrate_vma_finalize}. Each source and destination page loses the lock and the reference that
   * setup and the driver gave it. Context: as {@link #migrateVmaSetup}.
   *
   * @param migration after pages
   */
  void migrateVmaFinalize(MigrateVma migration);

  /**
   * As {@link #migrateVmaSetup} for device pages, wherever they are mapped: {@code
   * migrate_device_range}, mm/migrate_device.c. Free pages and those that somebody has locked are
   * left out, with an entry of 0. Context: may sleep; the mmap lock is not needed.
   *
   * @param frames the memory
   * @param src takes a {@link MigratePfn} a page
   * @param firstPfn the first page; page i is {@code firstPfn + i}
   */
  void migrateDeviceRange(PageFrames frames, long[] src, long firstPfn);

  /**
   * As {@link #migrateVmaPages}: {@code migrate_device_pages}.
   *
   * @param frames the memory
   * @param src the source entries
   * @param dst what the driver has put in their place
   */
  void migrateDevicePages(PageFrames frames, long[] src, long[] dst);

  /**
   * As {@link #migrateVmaFinalize}: {@code migrate_device_finalize}.
   *
   * @param frames the memory
   * @param src the source entries
   * @param dst what the driver has put in their place
   */
  void migrateDeviceFinalize(PageFrames frames, long[] src, long[] dst);

  /**
   * Lets a device have pages to itself, for atomic access: {@code make_device_exclusive_range},
   * mm/rmap.c. Faults them in for writing. The CPU, or another device, gets a page back with its
   * next access, which announces EXCLUSIVE without an owner. Context: may sleep; mmap lock held for
   * read.
   *
   * @param mm the address space
   * @param start first address, in bytes, at a page border
   * @param pages takes the page frames, one a page; {@link MigratePfn#NO_PAGE} for a page that
   *     could not be had. The others are locked and have a reference, which the driver gives back
   *     with {@link PageFrames#unlockPage} and {@link PageFrames#putPage} once the device is
   *     programmed
   * @param owner who causes the EXCLUSIVE invalidations; may be null
   * @return how many entries were filled, from the first; or the error that the first page met
   */
  ErrPtr<Integer> makeDeviceExclusiveRange(MmStruct mm, long start, long[] pages, Object owner);

  /**
   * Lets a device have one page to itself, as later kernels do: {@code make_device_exclusive},
   * mm/rmap.c, Linux 6.15. Waits for the page lock, and tries again if the page is not there any
   * more by then. Context: as {@link #makeDeviceExclusiveRange}.
   *
   * @param mm the address space
   * @param address any address within the page
   * @param owner who causes the EXCLUSIVE invalidations; may be null
   * @return the page frame, locked and with a reference; the error that faulting it in met; {@link
   *     Errno#EOPNOTSUPP} if it is no anonymous page
   */
  ErrPtr<Long> makeDeviceExclusive(MmStruct mm, long address, Object owner);
}

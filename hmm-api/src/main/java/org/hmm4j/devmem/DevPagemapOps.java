// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/**
 * The callbacks of a driver with device memory: {@code struct dev_pagemap_ops},
 * include/linux/memremap.h, Linux 6.1.
 *
 * @param pageFree told of each page that becomes free, required
 * @param migrateToRam serves CPU accesses; required for private memory, null for coherent
 */
public record DevPagemapOps(PageFree pageFree, MigrateToRam migrateToRam) {

  /** {@code dev_pagemap_ops.page_free}. */
  @FunctionalInterface
  public interface PageFree {

    /**
     * A page became free: the driver may hand it out again. Called once each time. Context: atomic;
     * a page-table lock may be held.
     *
     * @param pfn its page frame
     */
    void pageFree(long pfn);
  }

  /** {@code dev_pagemap_ops.migrate_to_ram}. */
  @FunctionalInterface
  public interface MigrateToRam {

    /**
     * Moves a page back to main memory because the CPU touches it. Context: may sleep; mmap lock
     * held for read, before and after.
     *
     * @param fault where, with a reference to the page: to be named as {@link MigrateVma#faultPage}
     * @return 0, also if the page could not be moved for now; then the access is tried again. Error
     *     bits of {@link org.hmm4j.mm.VmFault} if it never can
     */
    int migrateToRam(DeviceFault fault);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/**
 * The memory of a device that has page structures: {@code struct dev_pagemap},
 * include/linux/memremap.h, Linux 6.1. Made by {@link Devmem#memremapPages}, taken away by {@link
 * Devmem#memunmapPages}. It is in memory as long as one of its pages is in use.
 */
public interface DevPagemap {

  /**
   * Returns the kind of memory.
   *
   * @return {@code pgmap->type}
   */
  MemoryType type();

  /**
   * Returns who it belongs to: compared with {@link org.hmm4j.range.HmmRange#devPrivateOwner()} and
   * {@link MigrateVma#pgmapOwner()}.
   *
   * @return {@code pgmap->owner}
   */
  Object owner();

  /**
   * Returns the callbacks.
   *
   * @return {@code pgmap->ops}
   */
  DevPagemapOps ops();

  /**
   * Returns where it begins: {@code pgmap->range}.
   *
   * @return the page frame number of the first page
   */
  long firstPfn();

  /**
   * Returns the size.
   *
   * @return pages
   */
  int pages();

  /**
   * Returns how many of its pages are in use.
   *
   * @return pages, a number that may be old when it is looked at
   */
  long pagesInUse();

  /**
   * A page leaves the free state: {@code percpu_ref_tryget_live(&pgmap->ref)}. For who implements
   * {@link PageFrames} only. Any context.
   *
   * @return false, with a warning, if the memory is being taken away
   */
  boolean tryGetLive();

  /**
   * A page has become free, and the driver has been told: {@code put_dev_pagemap}. For who
   * implements {@link PageFrames} only. Any context.
   */
  void put();
}

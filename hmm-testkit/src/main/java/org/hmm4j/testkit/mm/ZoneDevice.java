// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;

/**
 * The pages of devices: {@code ZONE_DEVICE}, mm/memremap.c, Linux 6.1. A device page that nobody
 * has a reference to is free; its driver hands it out. Contents of a page that was just taken into
 * use are garbage.
 */
final class ZoneDevice {

  /** Main memory and {@link DeviceFrames} have lower frame numbers. */
  static final long FIRST_PFN = 1L << 40;

  /** What a page begins with: {@code POISON_INUSE} in each byte. */
  private static final int GARBAGE = 0x5a5a5a5a;

  private final Kernel kernel;
  private final int wordsPerPage;
  private final SpinLock lock;

  @GuardedBy("lock to write")
  private volatile List<Zone> zones = List.of();

  @GuardedBy("lock")
  private long nextPfn = FIRST_PFN;

  ZoneDevice(Kernel kernel, int wordsPerPage) {
    this.kernel = kernel;
    this.wordsPerPage = wordsPerPage;
    this.lock = kernel.spinLock("pgmap_array");
  }

  /** The pages of one device, each null before its first life. */
  private record Zone(DevPagemap pagemap, long firstPfn, Page[] pages) {

    boolean contains(long pfn) {
      return firstPfn <= pfn && pfn - firstPfn < pages.length;
    }

    int index(long pfn) {
      return (int) (pfn - firstPfn);
    }
  }

  static boolean contains(long pfn) {
    return pfn >= FIRST_PFN;
  }

  /** {@code pagemap_range}. Returns the first page frame. */
  long add(DevPagemap pagemap) {
    lock.lock();
    try {
      long first = nextPfn;
      nextPfn += pagemap.pages();
      List<Zone> all = new ArrayList<>(zones);
      all.add(new Zone(pagemap, first, new Page[pagemap.pages()]));
      zones = List.copyOf(all);
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** {@code pageunmap_range}. */
  void remove(DevPagemap pagemap) {
    lock.lock();
    try {
      zones = zones.stream().filter(zone -> zone.pagemap() != pagemap).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the page in a frame, as it is or as it last was. */
  Page page(long pfn) {
    Page page = pageOrNull(pfn);
    if (page == null) {
      throw new KernelBug(
          Rule.NOT_REGISTERED, "device page never in use at pfn 0x" + Long.toHexString(pfn));
    }
    return page;
  }

  /** As above, null before its first life. */
  Page pageOrNull(long pfn) {
    Zone zone = zone(pfn);
    lock.lock();
    try {
      return zone.pages()[zone.index(pfn)];
    } finally {
      lock.unlock();
    }
  }

  DevPagemap pagemap(long pfn) {
    return zone(pfn).pagemap();
  }

  /** {@code zone_device_page_init}. */
  boolean init(long pfn) {
    Zone zone = zone(pfn);
    Page old = pageOrNull(pfn);
    if (old != null && old.refCount() != 0) {
      throw new KernelBug(Rule.STILL_IN_USE, "zone_device_page_init of " + old);
    }
    if (!zone.pagemap().tryGetLive()) {
      return false;
    }
    Page page =
        new Page(
            pfn,
            wordsPerPage,
            kernel.allocations().track("device page"),
            zone.pagemap(),
            kernel.tracer());
    for (int i = 0; i < wordsPerPage; i++) {
      page.write(i, GARBAGE);
    }
    page.lock().tryLock();
    lock.lock();
    zone.pages()[zone.index(pfn)] = page;
    lock.unlock();
    return true;
  }

  /** {@code free_zone_device_page}: its last reference is gone. */
  void free(Page page) {
    page.belongTo(null, 0);
    DevPagemap pagemap = page.pagemap();
    pagemap.ops().pageFree().pageFree(page.pfn());
    pagemap.put();
  }

  private Zone zone(long pfn) {
    for (Zone zone : zones) {
      if (zone.contains(pfn)) {
        return zone;
      }
    }
    throw new KernelBug(Rule.NOT_REGISTERED, "no device page at pfn 0x" + Long.toHexString(pfn));
  }
}

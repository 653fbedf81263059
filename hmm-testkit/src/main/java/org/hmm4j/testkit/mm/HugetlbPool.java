// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;

/**
 * The huge pages that the machine sets apart for hugetlb mappings: {@code struct hstate},
 * mm/hugetlb.c, Linux 6.1, without surplus pages. Empty unless {@link #resize} says otherwise. A
 * page counts as in use only while it is mapped. May be used from any task.
 */
public final class HugetlbPool {

  private final HugeFrames frames;
  private final SpinLock lock;

  @GuardedBy("lock")
  private int total;

  @GuardedBy("lock")
  private int free;

  @GuardedBy("lock")
  private int reserved;

  HugetlbPool(HugeFrames frames, SpinLock lock) {
    this.frames = frames;
    this.lock = lock;
  }

  /**
   * Sets the number of pages: /proc/sys/vm/nr_hugepages.
   *
   * @param pages how many; pages that are mapped or reserved can't be taken away
   * @return how many there are now
   */
  public int resize(int pages) {
    if (pages < 0) {
      throw new IllegalArgumentException("a pool has no negative size, got " + pages);
    }
    lock.lock();
    try {
      int change = Math.max(pages - total, reserved - free);
      total += change;
      free += change;
      return total;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns how many pages nobody maps: {@code HugePages_Free}.
   *
   * @return pages, reserved ones among them
   */
  public int freePages() {
    lock.lock();
    try {
      return free;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns how many of the free pages mappings have a right to: {@code HugePages_Rsvd}.
   *
   * @return pages
   */
  public int reservedPages() {
    lock.lock();
    try {
      return reserved;
    } finally {
      lock.unlock();
    }
  }

  /** {@code hugetlb_acct_memory}: false, with nothing changed, if there are not so many. */
  boolean reserve(int pages) {
    lock.lock();
    try {
      boolean enough = pages <= free - reserved;
      reserved += enough ? pages : 0;
      return enough;
    } finally {
      lock.unlock();
    }
  }

  /** Gives up a right that was not used. */
  void unreserve(int pages) {
    lock.lock();
    try {
      if (pages > reserved) {
        throw new KernelBug(Rule.DOUBLE_FREE, "return of more huge pages than are reserved");
      }
      reserved -= pages;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a page that was reserved: {@code dequeue_huge_page_vma}. */
  CompoundPage takeReserved(int order) {
    lock.lock();
    free--;
    reserved--;
    lock.unlock();
    return take(order);
  }

  /** Takes a page that nobody has a right to; null if there is none. */
  CompoundPage takeFree(int order) {
    lock.lock();
    boolean available = free > reserved;
    free -= available ? 1 : 0;
    lock.unlock();
    return available ? take(order) : null;
  }

  private CompoundPage take(int order) {
    CompoundPage page = frames.take(order);
    page.belongTo(this);
    return page;
  }

  /** {@code free_huge_page}: the page was mapped, so no right to it is left. */
  void put() {
    lock.lock();
    free++;
    lock.unlock();
  }
}

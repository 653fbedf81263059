// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;

/**
 * The right of a private mapping to huge pages: {@code struct resv_map}, mm/hugetlb.c, Linux 6.1.
 * The parts of a mapping that was split or moved share it. Each page can be had once by right; a
 * child process has no rights.
 */
final class HugetlbReserve {

  private final HugetlbPool pool;
  private final SpinLock lock;

  /** {@code HPAGE_RESV_OWNER}. */
  private final boolean owner;

  /** How many VMAs hold the right to each page, by its number in the mapping. */
  @GuardedBy("lock")
  private final Map<Long, Integer> holders = new HashMap<>();

  /** The pages that were had. */
  @GuardedBy("lock")
  private final Set<Long> consumed = new HashSet<>();

  /** {@code HPAGE_RESV_UNMAPPED}: the owner took pages from here, whose contents are lost. */
  private volatile boolean robbed;

  private final int order;

  private HugetlbReserve(HugetlbPool pool, int order, SpinLock lock, boolean owner) {
    this.pool = pool;
    this.order = order;
    this.lock = lock;
    this.owner = owner;
  }

  /**
   * Reserves pages 0 up to a number: {@code hugetlb_reserve_pages}. The caller holds the right
   * until {@link #close}. Null if there are not so many.
   */
  static HugetlbReserve create(PhysicalMemory memory, int pages, int order) {
    HugetlbPool pool = memory.huge().hugetlb();
    if (!pool.reserve(pages)) {
      return null;
    }
    HugetlbReserve reserve =
        new HugetlbReserve(pool, order, memory.kernel().spinLock("resv_map->lock"), true);
    reserve.open(0, pages);
    return reserve;
  }

  /** Reserves nothing, for {@code MAP_NORESERVE}. */
  static HugetlbReserve none(PhysicalMemory memory, int order) {
    SpinLock lock = memory.kernel().spinLock("resv_map->lock");
    return new HugetlbReserve(memory.huge().hugetlb(), order, lock, false);
  }

  /** What a child has of it: {@code reset_vma_resv_huge_pages}. */
  HugetlbReserve ofChild() {
    return new HugetlbReserve(pool, order, lock, false);
  }

  /** Returns the size of a page: log2 of base pages. */
  int order() {
    return order;
  }

  boolean isOwner() {
    return owner;
  }

  boolean isRobbed() {
    return robbed;
  }

  void rob() {
    robbed = true;
  }

  /** One more VMA holds the right: {@code hugetlb_vm_op_open}. */
  void open(long first, long end) {
    if (!owner) {
      return;
    }
    lock.lock();
    for (long i = first; i < end; i++) {
      holders.merge(i, 1, Integer::sum);
    }
    lock.unlock();
  }

  /** One VMA less holds the right, and with the last it ends: {@code hugetlb_vm_op_close}. */
  void close(long first, long end) {
    if (!owner) {
      return;
    }
    int unused = 0;
    lock.lock();
    for (long i = first; i < end; i++) {
      boolean last = holders.merge(i, -1, Integer::sum) == 0;
      unused += last && !consumed.contains(i) ? 1 : 0;
    }
    lock.unlock();
    pool.unreserve(unused);
  }

  /** {@code alloc_huge_page}: by right, or what is free; null if there is none. */
  CompoundPage allocate(long index) {
    lock.lock();
    boolean byRight = owner && consumed.add(index);
    lock.unlock();
    return byRight ? pool.takeReserved(order) : pool.takeFree(order);
  }

  /** {@code alloc_huge_page} for a copy, to which nobody has a right; null if none is free. */
  CompoundPage allocateCopy() {
    return pool.takeFree(order);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pages of more than one frame, one object per machine: mm/page_alloc.c, mm/huge_memory.c, Linux
 * 6.1. May be used from any task.
 */
public final class HugeFrames {

  private final PhysicalMemory memory;
  private final FrameTable frames;
  private final HugetlbPool hugetlb;
  private volatile TransparentHugePages transparent = TransparentHugePages.MADVISE;

  /** Made for the first who reads a huge page, and kept: {@code huge_zero_page}. */
  private final AtomicReference<CompoundPage> zero = new AtomicReference<>();

  HugeFrames(PhysicalMemory memory, FrameTable frames) {
    this.memory = memory;
    this.frames = frames;
    this.hugetlb = new HugetlbPool(this, memory.kernel().spinLock("hugetlb_lock"));
  }

  /**
   * Returns the huge pages for hugetlb mappings.
   *
   * @return the pool
   */
  public HugetlbPool hugetlb() {
    return hugetlb;
  }

  /**
   * Sets who gets transparent huge pages from now on; {@link TransparentHugePages#MADVISE} before.
   *
   * @param policy the policy
   */
  public void transparent(TransparentHugePages policy) {
    transparent = Objects.requireNonNull(policy, "policy");
  }

  TransparentHugePages transparent() {
    return transparent;
  }

  /**
   * Allocates zeroed frames in a row that are one page: {@code alloc_pages} with {@code
   * __GFP_COMP}, {@code clear_huge_page}. Null if there is no memory. Context: may sleep.
   */
  CompoundPage allocate(int order) {
    return memory.mayAllocate() ? take(order) : null;
  }

  /** As {@link #allocate} for who knows that there is memory. */
  CompoundPage take(int order) {
    int size = 1 << order;
    BlockRecord record = new BlockRecord(memory.kernel().allocations().track("huge page"), size);
    memory.charge(size);
    return frames.takeBlock(size, record);
  }

  /** The last reference is gone. */
  void free(CompoundPage huge) {
    memory.charge(-huge.pages());
    frames.freeBlock(huge);
    if (huge.pool() != null) {
      huge.pool().put();
    }
  }

  /**
   * {@code mm_get_huge_zero_page}: made when it is first asked for, and not given back, as if its
   * shrinker never ran. Null if there is no memory. Context: may sleep.
   */
  CompoundPage zero(int order) {
    CompoundPage known = zero.get();
    if (known != null) {
      return known;
    }
    if (!memory.mayAllocate()) {
      return null;
    }
    CompoundPage fresh = frames.takeBlock(1 << order, null);
    if (zero.compareAndSet(null, fresh)) {
      return fresh;
    }
    frames.freeBlock(fresh);
    return zero.get();
  }

  /** {@code is_huge_zero_page}, include/linux/huge_mm.h, for any part of it. */
  boolean isZero(long pfn) {
    CompoundPage known = zero.get();
    long first = known == null ? 0 : known.head().pfn();
    return known != null && first <= pfn && pfn < first + known.pages();
  }

  /**
   * Lets the parts of a huge page be pages of their own. Context: as {@link CompoundPage#split}.
   */
  void split(CompoundPage huge) {
    frames.split(huge);
    huge.split();
  }
}

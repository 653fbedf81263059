// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/** Moves mappings: mm/mremap.c, Linux 6.1. Context: mmap lock held for write. */
final class Moving {

  /** The mmap lock, held for write, orders the two locks of a move. */
  private static final int SINGLE_DEPTH_NESTING = 1;

  private final MmContext context;
  private final VmaArray vmas;
  private final VmaMerging merging;
  private final Unmapping unmapping;
  private final PmdMoving pmdMoving;

  Moving(MmContext context, VmaMerging merging, Unmapping unmapping) {
    this.context = context;
    this.vmas = context.vmas();
    this.merging = merging;
    this.unmapping = unmapping;
    this.pmdMoving = new PmdMoving(context.tables());
  }

  /** {@code mremap} with a fixed target, for a source of whole pages that is not empty. */
  Errno mremap(long oldStart, long givenLength, long newStart) {
    FakeVma source = vmas.lookup(oldStart);
    if (source == null) {
      return Errno.EFAULT;
    }
    boolean hugetlb = source.hugetlb() != null;
    long length = hugetlb ? context.hugeAlign(givenLength) : givenLength;
    if (hugetlb && !(context.isHugeAligned(oldStart) && context.isHugeAligned(newStart))) {
      return Errno.EINVAL;
    }
    if (!isValidTarget(oldStart, length, newStart)) {
      return Errno.EINVAL;
    }
    Errno error = unmapping.munmap(newStart, length, false);
    if (error != Errno.OK) {
      return error;
    }
    FakeVma vma = vmas.lookup(oldStart);
    if (vma == null || Long.compareUnsigned(length, vma.end() - oldStart) > 0) {
      return Errno.EFAULT;
    } else if (!context.maySplit(vma, oldStart) || !context.maySplit(vma, oldStart + length)) {
      return Errno.EINVAL;
    }
    if (vma.hugetlb() == null) {
      moveVma(vma, oldStart, length, newStart);
    } else {
      moveHugetlb(vma, oldStart, length, newStart);
    }
    return Errno.OK;
  }

  /** The tests at the begin of {@code mremap_to}; addresses and lengths compare as unsigned. */
  private boolean isValidTarget(long oldStart, long length, long newStart) {
    long taskSize = context.geometry().taskSize();
    return context.geometry().isPageAligned(newStart)
        && Long.compareUnsigned(length, taskSize) <= 0
        && Long.compareUnsigned(newStart, taskSize - length) <= 0
        && (oldStart + length <= newStart || newStart + length <= oldStart);
  }

  /** {@code move_vma}; puts everything back if a notifier keeps the move from starting. */
  private void moveVma(FakeVma vma, long oldStart, long length, long newStart) {
    List<FakeVma> layout = vmas.list();
    merging.insertCopy(copy(vma, oldStart, length, newStart));
    boolean started = false;
    try {
      MmuNotifierRange range =
          context.invalidateStart(MmuNotifierEvent.UNMAP, oldStart, oldStart + length);
      started = true;
      try {
        movePageTables(vma, oldStart, oldStart + length, newStart);
      } finally {
        context.invalidateEnd(range);
      }
    } finally {
      if (started) {
        unmapping.munmap(oldStart, length, false);
      } else {
        vmas.restore(layout);
      }
    }
  }

  /** As {@link #moveVma}; the right to pages goes along: {@code clear_vma_resv_huge_pages}. */
  private void moveHugetlb(FakeVma vma, long oldStart, long length, long newStart) {
    List<FakeVma> layout = vmas.list();
    merging.insertCopy(copy(vma, oldStart, length, newStart));
    boolean moved = false;
    try {
      new HugetlbEntries(context).move(oldStart, oldStart + length, newStart);
      moved = true;
    } finally {
      if (moved) {
        unmapping.munmap(oldStart, length, false);
      } else {
        vmas.restore(layout);
      }
    }
  }

  /** {@code copy_vma}: private memory that was never touched forgets where it was. */
  private FakeVma copy(FakeVma vma, long oldStart, long length, long newStart) {
    boolean untouched = vma.isAnonymous() && !vma.hasAnonVma();
    long pageOffset = untouched ? context.pageNumber(newStart) : vma.pageOffset(oldStart);
    return vma.at(newStart, newStart + length, pageOffset);
  }

  /** {@code move_page_tables}: whole tables where both places are aligned, entries otherwise. */
  private void movePageTables(FakeVma vma, long oldStart, long oldEnd, long newStart) {
    PageTableTree tables = context.tables();
    PageTableGeometry geometry = tables.geometry();
    long pudSize = 1L << geometry.pudShift();
    long pmdSize = 1L << geometry.pmdShift();
    long shift = newStart - oldStart;
    long extent;
    for (long at = oldStart; at < oldEnd; at += extent) {
      extent = extent(pudSize, at, oldEnd, at + shift);
      if (tables.pud(at) != Pte.TABLE) {
        continue;
      }
      if (extent == pudSize) {
        // The kernel moves the table of the second level itself: also where it is empty.
        tables.allocateUpper(at + shift);
      } else {
        tables.upper().allocatePuds(at + shift);
      }
      extent = extent(pmdSize, at, oldEnd, at + shift);
      movePmd(vma, at, at + shift, extent);
    }
  }

  /**
   * Moves what one entry of the second level maps. A huge one that does not move as it is is split,
   * and its entries move one by one.
   */
  private void movePmd(FakeVma vma, long oldStart, long newStart, long extent) {
    PageTableTree tables = context.tables();
    boolean whole = extent == context.pmdSplitting().pmdSize();
    PmdSlot slot = tables.pmdSlot(oldStart);
    boolean huge = slot != null && slot.isHuge();
    if (huge) {
      tables.allocateUpper(newStart);
      if (whole && tryMove(() -> pmdMoving.moveHuge(oldStart, newStart))) {
        return;
      }
      context.pmdSplitting().split(vma, oldStart);
    }
    LeafTable leaf = tables.leaf(oldStart);
    if (leaf == null) {
      return;
    }
    tables.allocateUpper(newStart);
    if (huge || !whole || !tryMove(() -> pmdMoving.moveLeaf(leaf, oldStart, newStart))) {
      moveEntries(leaf, oldStart, tables.allocateLeaf(newStart), newStart, extent);
    }
  }

  /**
   * {@code move_pgt_entry}. Nobody walks the reverse map meanwhile ({@code take_rmap_locks}), or a
   * page could be in neither place when it is looked for.
   */
  private boolean tryMove(BooleanSupplier move) {
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    try {
      return move.getAsBoolean();
    } finally {
      lock.writeUnlock();
    }
  }

  /** {@code get_extent}: up to the next border of either place. */
  private static long extent(long size, long oldStart, long oldEnd, long newStart) {
    long toOldBorder = (oldStart & -size) + size - oldStart;
    long toNewBorder = (newStart & -size) + size - newStart;
    return Math.min(Math.min(toOldBorder, toNewBorder), oldEnd - oldStart);
  }

  /**
   * {@code move_ptes}. The tables may be one. The reverse map as in {@link #tryMove}; the kernel
   * does without where the order of the VMAs in it is enough.
   */
  private void moveEntries(
      LeafTable from, long oldStart, LeafTable to, long newStart, long length) {
    int oldIndex = context.geometry().pteIndex(oldStart);
    int newIndex = context.geometry().pteIndex(newStart);
    int count = (int) context.pageNumber(length);
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    from.lock().lock();
    if (from != to) {
      to.lock().lockNested(SINGLE_DEPTH_NESTING);
    }
    for (int i = 0; i < count; i++) {
      long entry = from.get(oldIndex + i);
      if (entry != Pte.NONE) {
        from.set(oldIndex + i, Pte.NONE);
        to.set(newIndex + i, entry);
      }
    }
    if (from != to) {
      to.lock().unlock();
    }
    from.lock().unlock();
    lock.writeUnlock();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/** Takes mappings away: mm/mmap.c and {@code unmap_vmas} of mm/memory.c, Linux 6.1. */
final class Unmapping {

  private final MmContext context;
  private final VmaArray vmas;
  private final PageTableRelease tableRelease;

  Unmapping(MmContext context) {
    this.context = context;
    this.vmas = context.vmas();
    this.tableRelease = new PageTableRelease(context.tables());
  }

  /**
   * Unmaps a range of whole pages: {@code do_mas_munmap}. Context: mmap lock held for write.
   *
   * @param downgrade whether to go on with the lock held for read once the VMAs are out
   * @return EINVAL for a bad range, or one that cuts a huge page of hugetlb; then the lock is held
   *     for write, and nothing is unmapped
   */
  Errno munmap(long start, long length, boolean downgrade) {
    long taskSize = context.geometry().taskSize();
    if (!context.geometry().isPageAligned(start)
        || Long.compareUnsigned(start, taskSize) > 0
        || Long.compareUnsigned(length, taskSize - start) > 0) {
      return Errno.EINVAL;
    }
    long end = start + context.pageAlign(length);
    if (end == start) {
      return Errno.EINVAL;
    }
    FakeVma first = vmas.find(start);
    if (first == null || first.start() >= end) {
      return Errno.OK;
    }
    FakeVma last = vmas.lookup(end);
    if (!context.maySplit(first, start)) {
      return Errno.EINVAL;
    }
    int from = splitAt(start);
    if (last != null && !context.maySplit(last, end)) {
      return Errno.EINVAL;
    }
    int to = splitAt(end);
    FakeVma[] detached = vmas.detach(from, to);
    if (downgrade) {
      context.mmapLock().downgradeWrite();
    }
    unmapRegion(from, detached, start, end);
    return Errno.OK;
  }

  /** Makes a border between VMAs at an address, and returns the index of the first VMA behind. */
  private int splitAt(long address) {
    int index = vmas.indexOf(address);
    FakeVma vma = vmas.orNull(index);
    if (vma == null || vma.start() >= address) {
      return index;
    }
    vmas.split(index, address);
    return index + 1;
  }

  /** {@code unmap_region}; puts the VMAs back if a notifier keeps it from starting. */
  private void unmapRegion(int at, FakeVma[] detached, long start, long end) {
    FakeVma previous = vmas.before(at);
    FakeVma next = vmas.orNull(at);
    boolean started = false;
    try {
      MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.UNMAP, start, end);
      started = true;
      try {
        zap(detached);
      } finally {
        context.invalidateEnd(range);
      }
    } finally {
      if (started) {
        vmas.unlink(detached);
        tableRelease.free(
            detached, previous == null ? 0 : previous.end(), next == null ? 0 : next.start());
        close(detached);
      } else {
        vmas.attach(at, detached);
      }
    }
  }

  /**
   * Throws the pages of a part of a VMA away: {@code zap_page_range}, mm/memory.c. Context: mmap
   * lock held.
   */
  void zapPageRange(FakeVma vma, long start, long end) {
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, start, end);
    try {
      zap(vma, start, end);
    } finally {
      context.invalidateEnd(range);
    }
  }

  /**
   * Frees everything: {@code exit_mmap} after the release of the notifiers. A notifier that fails
   * here can't keep it from being freed.
   */
  void exit() {
    context.mmapLock().readLock();
    boolean empty = vmas.size() == 0;
    try {
      if (!empty) {
        unmapAll();
      }
    } finally {
      context.mmapLock().readUnlock();
      if (!empty) {
        freeAll();
      }
    }
  }

  private void freeAll() {
    context.mmapLock().writeLock();
    try {
      FakeVma[] all = vmas.detach(0, vmas.size());
      vmas.unlink(all);
      tableRelease.free(all, 0, 0);
      close(all);
    } finally {
      context.mmapLock().writeUnlock();
    }
  }

  private void unmapAll() {
    FakeVma[] all = vmas.list().toArray(FakeVma[]::new);
    MmuNotifierRange range;
    try {
      range = context.invalidateStart(MmuNotifierEvent.UNMAP, 0, -1);
    } catch (RuntimeException failed) {
      zap(all);
      throw failed;
    }
    try {
      zap(all);
    } finally {
      context.invalidateEnd(range);
    }
  }

  private void zap(FakeVma[] detached) {
    for (FakeVma vma : detached) {
      zap(vma, vma.start(), vma.end());
    }
  }

  /** {@code unmap_page_range}, mm/memory.c, without an invalidation. */
  void zap(FakeVma vma, long start, long end) {
    if (vma.hugetlb() != null) {
      new HugetlbEntries(context).zap(start, end);
      return;
    }
    context.tables().pudSplitting().zap(start, end);
    context.tables().forEachPmd(start, end, (slot, from, to) -> zapPmd(vma, slot, from, to));
  }

  /** One step of {@code zap_pmd_range}: a huge entry that is to go in part is split. */
  private void zapPmd(FakeVma vma, PmdSlot slot, long start, long end) {
    PmdSplitting splitting = context.pmdSplitting();
    if (slot.isHuge()) {
      if (end - start != splitting.pmdSize()) {
        splitting.split(vma, start);
      } else if (zapHuge(slot)) {
        return;
      }
    }
    LeafTable leaf = slot.leaf();
    if (leaf != null) {
      zapLeaf(leaf, start, end);
    }
  }

  /** {@code zap_huge_pmd}, mm/huge_memory.c; false if it was split meanwhile. */
  private boolean zapHuge(PmdSlot slot) {
    slot.lock().lock();
    try {
      if (!slot.isHuge()) {
        return false;
      }
      long entry = slot.get();
      slot.clear();
      context.unmapHugeEntry(entry);
      return true;
    } finally {
      slot.lock().unlock();
    }
  }

  /** {@code zap_pte_range}, mm/memory.c. */
  private void zapLeaf(LeafTable leaf, long start, long end) {
    int first = context.geometry().pteIndex(start);
    int count = (int) (context.pageNumber(end) - context.pageNumber(start));
    leaf.lock().lock();
    try {
      for (int i = first; i < first + count; i++) {
        long entry = leaf.get(i);
        if (entry != Pte.NONE) {
          leaf.set(i, Pte.NONE);
          context.unmapEntry(entry);
        }
      }
    } finally {
      leaf.lock().unlock();
    }
  }

  private static void close(FakeVma[] detached) {
    for (FakeVma vma : detached) {
      vma.close();
    }
  }
}

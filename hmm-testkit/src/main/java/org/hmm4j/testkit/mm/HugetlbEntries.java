// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/** Changes the entries of hugetlb mappings: mm/hugetlb.c, Linux 6.1. */
final class HugetlbEntries {

  private static final int SINGLE_DEPTH_NESTING = 1;

  private final MmContext context;

  HugetlbEntries(MmContext context) {
    this.context = context;
  }

  /**
   * {@code __unmap_hugepage_range}, which tells the notifiers once more than its callers do.
   * Context: mmap lock held.
   */
  void zap(long start, long end) {
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.UNMAP, start, end);
    try {
      context.tables().forEachPmd(start, end, (slot, from, to) -> zap(slot));
    } finally {
      context.invalidateEnd(range);
    }
  }

  private void zap(PmdSlot slot) {
    slot.lock().lock();
    try {
      if (slot.isHuge()) {
        long entry = slot.get();
        slot.clear();
        context.unmapHugeEntry(entry);
      }
    } finally {
      slot.lock().unlock();
    }
  }

  /** {@code hugetlb_change_protection}. Context: mmap lock held for write. */
  void change(long start, long end, ProtectionChange.EntryChange change) {
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.PROTECTION_VMA, start, end);
    try {
      changeQuietly(start, end, change);
    } finally {
      context.invalidateEnd(range);
    }
  }

  private void changeQuietly(long start, long end, ProtectionChange.EntryChange change) {
    context
        .tables()
        .forEachPmd(
            start,
            end,
            (slot, from, to) -> {
              slot.lock().lock();
              if (slot.isHuge()) {
                slot.change(change.pmd(slot.get()));
              }
              slot.lock().unlock();
            });
  }

  /**
   * {@code move_hugetlb_page_tables}. Nobody walks the reverse map meanwhile. Context: mmap lock
   * held for write; nothing is mapped at the new place.
   */
  void move(long oldStart, long oldEnd, long newStart) {
    PmdMoving moving = new PmdMoving(context.tables());
    long size = context.pmdSplitting().pmdSize();
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, oldStart, oldEnd);
    try {
      for (long at = oldStart; at < oldEnd; at += size) {
        PmdSlot slot = context.tables().pmdSlot(at);
        if (slot != null && slot.isHuge()) {
          long to = newStart + (at - oldStart);
          context.tables().allocateUpper(to);
          context.reverseMap().lock().writeLock();
          moving.moveHuge(at, to);
          context.reverseMap().lock().writeUnlock();
        }
      }
    } finally {
      context.invalidateEnd(range);
    }
  }

  /**
   * {@code copy_hugetlb_page_range}: the pages become read-only on both sides; the child gets a
   * copy of one that is pinned. Context: both mmap locks held for write.
   *
   * @param to the VMA of the child
   * @param from that of this address space
   * @return ENOMEM if there is no page for a copy; then a part is copied
   */
  Errno copy(MmContext child, FakeVma to, FakeVma from) {
    long size = context.pmdSplitting().pmdSize();
    MmuNotifierRange range =
        context.invalidateStart(MmuNotifierEvent.CLEAR, from.start(), from.end());
    try {
      for (long at = from.start(); at < from.end(); at += size) {
        PmdSlot source = context.tables().pmdSlot(at);
        if (source != null && source.isHuge() && !copyOne(child, to, at, source)) {
          return Errno.ENOMEM;
        }
      }
      return Errno.OK;
    } finally {
      context.invalidateEnd(range);
    }
  }

  private boolean copyOne(MmContext child, FakeVma to, long address, PmdSlot source) {
    child.tables().allocateUpper(address);
    PmdSlot target = child.tables().pmdSlot(address);
    CompoundPage spare = null;
    Page head = context.memory().page(Pte.pfn(source.get()));
    if (head.isAnonExclusive() && head.maybeDmaPinned()) {
      spare = to.hugetlb().allocateCopy();
      if (spare == null) {
        return false;
      }
      spare.copyFrom(head.compound());
    }
    target.lock().lock();
    source.lock().lockNested(SINGLE_DEPTH_NESTING);
    try {
      target.fill(spare == null ? share(source, head) : own(to, address, spare), null);
    } finally {
      source.lock().unlock();
      target.lock().unlock();
    }
    return true;
  }

  private static long share(PmdSlot source, Page head) {
    head.tryShareAnonRmap();
    head.get();
    head.compound().addMapping();
    long shared = source.get() & ~Pte.WRITE;
    source.change(shared);
    return shared;
  }

  private static long own(FakeVma vma, long address, CompoundPage copy) {
    copy.addAnonMapping(vma.anonVma(), vma.pageOffset(address), true);
    return PageProtection.entry(copy.head(), vma) | Pte.HUGE;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;

/**
 * Copies entries of one leaf table to that of a child process: {@code copy_pte_range}, mm/memory.c,
 * Linux 6.1. Context: both mmap locks held for write; entries still change under their own locks.
 */
final class LeafCopy {

  /** The table of the child is known to nobody who holds that of the parent. */
  private static final int SINGLE_DEPTH_NESTING = 1;

  private final MmContext child;
  private final FakeVma vma;
  private final FakeVma parentVma;
  private final LeafTable from;
  private final LeafTable to;

  /** A page for a copy, allocated while no lock was held: {@code prealloc}. */
  private Page spare;

  private long at;

  LeafCopy(MmContext child, FakeVma vma, FakeVma parentVma, LeafTable from, LeafTable to) {
    this.child = child;
    this.vma = vma;
    this.parentVma = parentVma;
    this.from = from;
    this.to = to;
  }

  /**
   * Copies a range within the table. Returns ENOMEM if there is no memory, EBUSY if a device is
   * about to take a page.
   */
  Errno copy(long start, long end) {
    at = start;
    try {
      Errno result = copyUntilStopped(end);
      while (result == Errno.EAGAIN) {
        spare = child.memory().allocatePage();
        if (spare == null) {
          return Errno.ENOMEM;
        }
        result = copyUntilStopped(end);
      }
      return result;
    } finally {
      if (spare != null) {
        child.memory().put(spare);
      }
    }
  }

  /** Returns EAGAIN if a page is needed to go on. */
  private Errno copyUntilStopped(long end) {
    to.lock().lock();
    from.lock().lockNested(SINGLE_DEPTH_NESTING);
    try {
      Errno result = Errno.OK;
      while (at < end && result == Errno.OK) {
        int index = child.geometry().pteIndex(at);
        long entry = from.get(index);
        result = entry == Pte.NONE ? Errno.OK : copyEntry(index, entry);
        at += result == Errno.OK ? child.geometry().pageSize() : 0;
      }
      return result;
    } finally {
      from.lock().unlock();
      to.lock().unlock();
    }
  }

  private Errno copyEntry(int index, long entry) {
    if (Pte.isPresent(entry)) {
      return copyPresent(index, entry);
    }
    if (Pte.kind(entry) == Pte.DEVICE_EXCLUSIVE) {
      return copyExclusive(index, entry);
    }
    copyNotPresent(index, entry);
    return Errno.OK;
  }

  /**
   * {@code copy_nonpresent_pte}: what was one process' own no longer is, and what a write would
   * have changed at once has to be looked at again, on both sides.
   */
  private void copyNotPresent(int index, long entry) {
    long kind = Pte.kind(entry);
    long shared = entry;
    if (kind == Pte.SWAP) {
      child.memory().swap().duplicate((int) Pte.pfn(entry));
      shared = entry & ~Pte.EXCLUSIVE;
    } else if (kind == Pte.DEVICE_PRIVATE) {
      Page page = child.memory().page(Pte.pfn(entry));
      page.get();
      page.tryDupAnonRmap();
      shared = vma.isCow() ? entry & ~Pte.WRITE : entry;
    } else if (kind == Pte.MIGRATION && vma.isCow()) {
      shared = entry & ~(Pte.WRITE | Pte.EXCLUSIVE);
    }
    if (shared != entry) {
      from.set(index, shared);
    }
    set(index, shared);
  }

  /**
   * {@code try_restore_exclusive_pte}: the parent has the page back first, of which the
   * invalidation around the fork tells. EBUSY if the device is about to take the page, or give it
   * back.
   */
  private Errno copyExclusive(int index, long entry) {
    Page page = child.memory().page(Pte.pfn(entry));
    if (!page.lock().tryLock()) {
      return Errno.EBUSY;
    }
    ExclusiveEntries.restore(parentVma, at, from, index, page);
    child.memory().unlockPage(page);
    return copyPresent(index, from.get(index));
  }

  /** {@code copy_present_pte}; the zero page and raw frames of devices have no page to count. */
  private Errno copyPresent(int index, long entry) {
    Page page = child.normalPage(entry);
    if (page != null && page.isAnonymous()) {
      if (!page.tryDupAnonRmap()) {
        return copyPinned(index, page);
      }
      page.get();
    } else if (page != null) {
      page.addMapping();
      page.get();
    }
    long shared = entry;
    if (vma.isCow() && Pte.isWritable(entry)) {
      shared = entry & ~Pte.WRITE;
      from.set(index, shared);
    }
    set(index, vma.isShared() ? shared & ~Pte.DIRTY : shared);
    return Errno.OK;
  }

  /**
   * {@code copy_present_page}: who pinned the page must go on to see what the parent sees, so the
   * parent keeps it and the child gets a copy at once.
   */
  private Errno copyPinned(int index, Page page) {
    if (spare == null) {
      return Errno.EAGAIN;
    }
    Page copy = spare;
    spare = null;
    copy.copyFrom(page);
    copy.addNewAnonMapping(vma.anonVma(), vma.pageOffset(at));
    set(index, PageProtection.written(PageProtection.entry(copy, vma), vma));
    return Errno.OK;
  }

  private void set(int index, long entry) {
    to.set(index, entry);
    child.rss().set(entry);
  }
}

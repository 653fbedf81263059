// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Write faults on read-only entries: {@code do_wp_page}, {@code wp_page_copy}, mm/memory.c, Linux
 * 6.1. With {@code FAULT_FLAG_UNSHARE} the page becomes the process' own all the same, but the
 * entry stays read-only. Context: mmap lock held for read.
 */
final class CopyOnWrite {

  private final MmContext context;
  private final AnonVmaPreparation preparation;

  CopyOnWrite(MmContext context, AnonVmaPreparation preparation) {
    this.context = context;
    this.preparation = preparation;
  }

  /** Makes the page writable where it is, or puts a copy in its place. */
  int serve(FakeVma vma, long address, LeafTable leaf, long entry, int flags) {
    int index = context.geometry().pteIndex(address);
    Page old;
    leaf.lock().lock();
    try {
      if (leaf.get(index) != entry) {
        return 0;
      }
      old = context.normalPage(entry);
      if (vma.isShared() || isReusable(vma, old)) {
        leaf.set(index, entitled(vma, entry, flags));
        return 0;
      }
      if (old != null) {
        old.get();
      }
    } finally {
      leaf.lock().unlock();
    }
    try {
      return copy(vma, address, leaf, entry, old, flags);
    } finally {
      if (old != null) {
        context.memory().put(old);
      }
    }
  }

  private static long entitled(FakeVma vma, long entry, int flags) {
    return (flags & FaultFlags.UNSHARE) != 0 ? entry : PageProtection.written(entry, vma);
  }

  /** Whether nobody else can have the page: exclusive before, or left alone by who shared it. */
  private boolean isReusable(FakeVma vma, Page page) {
    if (page == null || !page.isAnonymous() || page.isAnonExclusive()) {
      return page != null && page.isAnonExclusive();
    }
    int cached = page.swapSlot() == SwapArea.NO_SLOT ? 0 : 1;
    if (page.refCount() > 1 + cached || !page.lock().tryLock()) {
      return false;
    }
    context.memory().swap().freeUnusedCache(page);
    boolean alone = page.refCount() == 1;
    if (alone) {
      page.moveAnonRmap(vma.anonVma());
    }
    context.memory().unlockPage(page);
    return alone;
  }

  /** {@code wp_page_copy}: the old page is null for the zero page. */
  private int copy(FakeVma vma, long address, LeafTable leaf, long entry, Page old, int flags) {
    preparation.prepare(vma);
    Page fresh = context.memory().allocatePage();
    if (fresh == null) {
      return VmFault.OOM;
    }
    boolean used = false;
    try {
      if (old != null) {
        fresh.copyFrom(old);
      }
      long end = address + context.geometry().pageSize();
      MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, address, end);
      try {
        used = exchange(vma, address, leaf, entry, fresh, flags);
      } finally {
        context.invalidateEnd(range);
      }
    } finally {
      if (!used) {
        context.memory().put(fresh);
      }
    }
    return 0;
  }

  /**
   * Puts the copy in the place of the old page, unless another task changed the entry meanwhile.
   */
  private boolean exchange(
      FakeVma vma, long address, LeafTable leaf, long entry, Page fresh, int flags) {
    int index = context.geometry().pteIndex(address);
    leaf.lock().lock();
    try {
      if (leaf.get(index) != entry) {
        return false;
      }
      fresh.addNewAnonMapping(vma.anonVma(), vma.pageOffset(address));
      long mapped = entitled(vma, PageProtection.entry(fresh, vma), flags);
      leaf.set(index, mapped);
      context.rss().set(mapped);
      context.unmapEntry(entry);
      return true;
    } finally {
      leaf.lock().unlock();
    }
  }
}

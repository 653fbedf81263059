// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;

/** Looks up pages and pins them: {@code __get_user_pages} with {@code FOLL_PIN}, mm/gup.c, 6.1. */
final class PagePinning {

  /** {@code FOLL_WRITE}, include/linux/mm.h. */
  static final int FOLL_WRITE = 0x1;

  /** {@code FOLL_LONGTERM}, include/linux/mm.h. */
  static final int FOLL_LONGTERM = 0x10000;

  private static final int PINNED = -1;
  private static final int NO_PAGE = -2;

  private final MmContext context;
  private final FakeMm mm;
  private final boolean write;
  private final boolean longterm;

  PagePinning(MmContext context, FakeMm mm, int follFlags) {
    this.context = context;
    this.mm = mm;
    this.write = (follFlags & FOLL_WRITE) != 0;
    this.longterm = (follFlags & FOLL_LONGTERM) != 0;
  }

  /** Adds pages to a list until one fails, and returns its error. */
  Errno pin(long start, int count, List<Page> pages) {
    if (context.mm().mmUsers() == 0) {
      throw new KernelBug(Rule.MM_GONE, "pin of pages of a process that has exited");
    }
    context.mmapLock().readLock();
    try {
      Errno error = pinAll(start, count, pages);
      while (longterm && pages.stream().anyMatch(Page::isZoneDevice)) {
        error = moveToMainMemory(pages) ? pinAll(start, count, pages) : Errno.EBUSY;
      }
      return error;
    } finally {
      context.mmapLock().readUnlock();
    }
  }

  private Errno pinAll(long start, int count, List<Page> pages) {
    Errno error = Errno.OK;
    long pageSize = context.geometry().pageSize();
    for (int i = 0; i < count && error == Errno.OK; i++) {
      error = pinOne(context.pageStart(start) + i * pageSize, pages);
    }
    return error;
  }

  /**
   * {@code check_and_migrate_movable_pages}, {@code migrate_device_coherent_page}: unpins all pages
   * and moves those of coherent memory, up to the first that can't be moved. A page with a pin does
   * not move, so the pin becomes a mere reference first.
   */
  private boolean moveToMainMemory(List<Page> pages) {
    boolean moved = true;
    for (Page page : pages) {
      boolean move = moved && page.isZoneDevice();
      if (move) {
        page.get();
      }
      context.memory().unpin(page);
      if (move) {
        moved = mm.migrationStart().migrate(page, true);
      }
    }
    pages.clear();
    return moved;
  }

  /** Faults until the page is as it is wanted: {@code faultin_page}. */
  private Errno pinOne(long address, List<Page> pages) {
    FakeVma vma = context.vmas().lookup(address);
    if (vma == null || !mayFollow(vma)) {
      return Errno.EFAULT;
    }
    while (true) {
      int request = follow(address, pages);
      if (request < 0) {
        return request == PINNED ? Errno.OK : Errno.EEXIST;
      }
      int result = mm.handleMmFault(vma, address, request);
      if ((result & VmFault.ERROR) != 0) {
        return (result & VmFault.OOM) != 0 ? Errno.ENOMEM : Errno.EFAULT;
      }
    }
  }

  /** {@code check_vma_flags}. */
  private boolean mayFollow(FakeVma vma) {
    long wanted = write ? VmFlags.WRITE : VmFlags.READ;
    return (vma.flags() & (VmFlags.IO | VmFlags.PFNMAP)) == 0 && (vma.flags() & wanted) != 0;
  }

  /**
   * {@code follow_page_pte}, {@code follow_trans_huge_pmd}: pins the page if it can be. Returns the
   * fault that is needed before, or PINNED, or NO_PAGE for a raw frame of a device.
   */
  private int follow(long address, List<Page> pages) {
    SpinLock lock = context.tables().lockEntry(address);
    int fault = write ? FaultFlags.WRITE : 0;
    if (lock == null) {
      return fault;
    }
    try {
      long entry = context.tables().pte(address);
      boolean accessible = Pte.isPresent(entry) && (entry & Pte.PROTNONE) == 0;
      if (!accessible || (write && !Pte.isWritable(entry))) {
        return fault;
      }
      if ((entry & Pte.SPECIAL) != 0 && (entry & Pte.ZERO) == 0) {
        return NO_PAGE;
      }
      Page page = context.memory().page(Pte.pfn(entry));
      if (mustUnshare(entry, page)) {
        return FaultFlags.UNSHARE;
      }
      page.pin();
      pages.add(page);
      return PINNED;
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@code gup_must_unshare}: a page that is shared after a fork is replaced at the next write, and
   * who pinned it would not see what was written.
   */
  private static boolean mustUnshare(long entry, Page page) {
    Page known = (entry & Pte.HUGE) != 0 ? page.head() : page;
    return !Pte.isWritable(entry) && page.isAnonymous() && !known.isAnonExclusive();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;

/**
 * Takes references to the pages of a process, faulting them in for writing: {@code
 * get_user_pages_remote} with {@code FOLL_WRITE | FOLL_SPLIT_PMD}, mm/gup.c, Linux 6.1. Context:
 * mmap lock held for read.
 */
final class UserPages {

  private final MmContext context;
  private final PageFaults faults;

  UserPages(MmContext context, PageFaults faults) {
    this.context = context;
    this.faults = faults;
  }

  /** {@code __get_user_pages}: the error of the first page, or how many come before an error. */
  ErrPtr<Integer> get(long start, long[] pages) {
    for (int i = 0; i < pages.length; i++) {
      long address = start + i * context.geometry().pageSize();
      ErrPtr<Page> page = getOne(address);
      if (page.isErr()) {
        return i == 0 ? ErrPtr.err(page.errno()) : ErrPtr.of(i);
      }
      pages[i] = page.value().pfn();
    }
    return ErrPtr.of(pages.length);
  }

  private ErrPtr<Page> getOne(long address) {
    FakeVma vma = context.vmas().lookup(address);
    if (vma == null || !isAllowed(vma)) {
      return ErrPtr.err(Errno.EFAULT);
    }
    while (true) {
      ErrPtr<Page> page = follow(vma, address);
      if (page != null) {
        return page;
      }
      int result = faults.handle(vma, address, FaultFlags.WRITE | FaultFlags.REMOTE);
      if ((result & VmFault.ERROR) != 0) {
        return ErrPtr.err((result & VmFault.OOM) != 0 ? Errno.ENOMEM : Errno.EFAULT);
      }
    }
  }

  /** {@code check_vma_flags}. The kernel lets DAX pass: its memory has pages there. */
  private static boolean isAllowed(FakeVma vma) {
    return (vma.flags() & (VmFlags.IO | VmFlags.PFNMAP)) == 0 && !vma.isDax() && vma.isWritable();
  }

  /**
   * {@code follow_pmd_mask} with {@code FOLL_SPLIT_PMD}, {@code follow_page_pte}: null if it has to
   * be faulted in; EFAULT for a raw frame.
   */
  private ErrPtr<Page> follow(FakeVma vma, long address) {
    PmdSlot pmd = context.tables().pmdSlot(address);
    boolean huge = pmd != null && pmd.isHuge() && isAccessible(pmd.get());
    if (huge && vma.hugetlb() == null) {
      context.pmdSplitting().split(vma, address);
    }
    SpinLock lock = context.tables().lockEntry(address);
    if (lock == null) {
      return null;
    }
    try {
      long entry = context.tables().pte(address);
      if (!isAccessible(entry) || !Pte.isWritable(entry)) {
        return null;
      }
      Page page = context.normalPage(entry);
      if (page == null) {
        return ErrPtr.err(Errno.EFAULT);
      }
      page.get();
      return ErrPtr.of(page);
    } finally {
      lock.unlock();
    }
  }

  private static boolean isAccessible(long entry) {
    return Pte.isPresent(entry) && (entry & Pte.PROTNONE) == 0;
  }
}

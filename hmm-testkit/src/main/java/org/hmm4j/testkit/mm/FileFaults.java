// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;

/**
 * Faults on empty entries of a mapping with an object behind it: {@code do_fault}, mm/memory.c,
 * {@code filemap_map_pages}, mm/filemap.c, {@code shmem_fault}, mm/shmem.c, Linux 6.1. Context:
 * mmap lock held for read.
 */
final class FileFaults {

  /** {@code fault_around_bytes} in pages of 4 KiB. */
  private static final int AROUND = 16;

  private final MmContext context;
  private final AnonVmaPreparation preparation;

  FileFaults(MmContext context, AnonVmaPreparation preparation) {
    this.context = context;
    this.preparation = preparation;
  }

  int serve(FakeVma vma, long address, boolean write) {
    if (!write) {
      return read(vma, address);
    }
    return vma.isShared() ? mapObjectPage(vma, address, true) : copyObjectPage(vma, address);
  }

  /** {@code do_read_fault}. */
  private int read(FakeVma vma, long address) {
    mapAround(vma, address);
    if (context.tables().pte(address) != Pte.NONE) {
      return 0;
    }
    return mapObjectPage(vma, address, false);
  }

  /** {@code do_shared_fault} and the second half of {@code do_read_fault}. */
  private int mapObjectPage(FakeVma vma, long address, boolean write) {
    if (isBeyondEnd(vma, address)) {
      return VmFault.SIGBUS;
    }
    Page page = lockObjectPage(vma, address);
    if (page == null) {
      return VmFault.OOM;
    }
    if (page.isPoisoned()) {
      release(page);
      return VmFault.HWPOISON;
    }
    long entry = PageProtection.entry(page, vma);
    long rights = write ? PageProtection.written(entry, vma) : entry;
    page.get();
    int result = context.finishFault(vma, address, rights, page, false);
    release(page);
    return result;
  }

  /**
   * Finds or makes the page and locks it, {@code shmem_get_folio_gfp}: a page that was replaced
   * while the task waited for it is not taken. Null if there is no memory.
   */
  private Page lockObjectPage(FakeVma vma, long address) {
    while (true) {
      Page page = vma.file().findOrCreate(vma.pageOffset(address));
      if (page == null) {
        return null;
      }
      context.memory().lockPage(page);
      if (vma.file().isCached(page)) {
        return page;
      }
      release(page);
    }
  }

  private void release(Page page) {
    context.memory().unlockPage(page);
    context.memory().put(page);
  }

  /** {@code do_cow_fault}: nobody could see the page through this entry, so nobody is told. */
  private int copyObjectPage(FakeVma vma, long address) {
    preparation.prepare(vma);
    PhysicalMemory memory = context.memory();
    Page copy = memory.allocatePage();
    if (copy == null) {
      return VmFault.OOM;
    }
    boolean beyondEnd = isBeyondEnd(vma, address);
    Page page = beyondEnd ? null : lockObjectPage(vma, address);
    if (page == null) {
      memory.put(copy);
      return beyondEnd ? VmFault.SIGBUS : VmFault.OOM;
    }
    if (page.isPoisoned()) {
      release(page);
      memory.put(copy);
      return VmFault.HWPOISON;
    }
    copy.copyFrom(page);
    release(page);
    long entry = PageProtection.written(PageProtection.entry(copy, vma), vma);
    return context.finishFault(vma, address, entry, copy, true);
  }

  private static boolean isBeyondEnd(FakeVma vma, long address) {
    return vma.pageOffset(address) >= vma.file().pages();
  }

  /**
   * {@code do_fault_around}: maps what the page cache has of the pages around, from the aligned
   * address before on, within the VMA and the leaf table. A window that begins late at the VMA ends
   * as late.
   */
  private void mapAround(FakeVma vma, long address) {
    long pageSize = context.geometry().pageSize();
    long tableSize = pageSize * context.geometry().ptesPerTable();
    long table = address & -tableSize;
    long aligned = address & -(AROUND * pageSize);
    long start = Math.max(Math.max(aligned, vma.start()), table);
    long end = Math.min(Math.min(start + AROUND * pageSize, vma.end()), table + tableSize);
    for (long at = start; at < end; at += pageSize) {
      Page page = vma.file().find(vma.pageOffset(at));
      if (page == null) {
        continue;
      }
      if (page.lock().tryLock()) {
        if (!page.isPoisoned()) {
          page.get();
          context.fillEmpty(vma, at, PageProtection.entry(page, vma), page, false);
        }
        context.memory().unlockPage(page);
      }
      context.memory().put(page);
    }
  }
}

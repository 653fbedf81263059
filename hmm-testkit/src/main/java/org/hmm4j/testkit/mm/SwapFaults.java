// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;

/**
 * Faults on swap entries: the second half of {@code do_swap_page}, mm/memory.c, Linux 6.1. Context:
 * mmap lock held for read.
 */
final class SwapFaults {

  private final MmContext context;
  private final PhysicalMemory memory;
  private final SwapArea swap;
  private final CopyOnWrite copyOnWrite;

  SwapFaults(MmContext context, CopyOnWrite copyOnWrite) {
    this.context = context;
    this.memory = context.memory();
    this.swap = memory.swap();
    this.copyOnWrite = copyOnWrite;
  }

  /** Brings the page back; after RETRY the mmap lock was dropped, unless that was not to be. */
  int serve(FakeVma vma, long address, LeafTable leaf, long entry, int flags) {
    int slot = (int) Pte.pfn(entry);
    int index = context.geometry().pteIndex(address);
    int result = 0;
    Page page = swap.lookUp(slot);
    if (page == null) {
      result = VmFault.MAJOR;
      page = memory.allocatePage();
      if (page == null) {
        return leaf.get(index) == entry ? VmFault.OOM : 0;
      }
      if (!read(page, slot)) {
        memory.put(page);
        return 0;
      }
    }
    try {
      if (!lockOrRetry(page, flags)) {
        return result | VmFault.RETRY;
      }
      if (page.isPoisoned()) {
        swap.unlockPage(page);
        return VmFault.HWPOISON;
      }
      return result | map(vma, address, leaf, entry, page, flags);
    } finally {
      memory.put(page);
    }
  }

  /**
   * {@code read_swap_cache_async}. Returns false if another task was first, or the slot was given
   * up: the access is to be tried again.
   */
  private boolean read(Page fresh, int slot) {
    memory.lockPage(fresh);
    boolean added = swap.addForReading(slot, fresh);
    if (added) {
      swap.read(fresh);
    }
    memory.unlockPage(fresh);
    if (added) {
      // The entry may be gone by now; who took it found the page locked.
      swap.freeUnmappedCache(fresh);
    }
    return added;
  }

  /**
   * {@code __folio_lock_or_retry}, mm/filemap.c: drops the mmap lock rather than wait with it,
   * where allowed. Returns false if the page is not locked; the mmap lock is then held only after
   * {@link FaultFlags#RETRY_NOWAIT}.
   */
  boolean lockOrRetry(Page page, int flags) {
    if (page.lock().tryLock()) {
      return true;
    }
    if (FaultFlags.allowRetryFirst(flags)) {
      if ((flags & FaultFlags.RETRY_NOWAIT) == 0) {
        context.mmapLock().readUnlock();
        memory.waitUnlocked(page);
      }
      return false;
    }
    memory.lockPage(page);
    return true;
  }

  /** With the page locked; unlocks it. A read-only entry that is written to is copied at last. */
  private int map(FakeVma vma, long address, LeafTable leaf, long entry, Page page, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0;
    long mapped;
    try {
      mapped = exchange(vma, address, leaf, entry, page, write);
    } finally {
      swap.freeUnusedCache(page);
      swap.unlockPage(page);
    }
    if (mapped != Pte.NONE && write && (mapped & Pte.DIRTY) == 0) {
      return copyOnWrite.serve(vma, address, leaf, mapped, flags);
    }
    return 0;
  }

  /**
   * Puts the page in the place of the swap entry and gives the slot free. Only a write that finds
   * the page exclusive gets a writable entry at once. Returns the new entry, or none if the page is
   * no longer that of the slot or another task changed the entry.
   */
  private long exchange(
      FakeVma vma, long address, LeafTable leaf, long entry, Page page, boolean write) {
    int index = context.geometry().pteIndex(address);
    int slot = (int) Pte.pfn(entry);
    leaf.lock().lock();
    try {
      if (page.swapSlot() != slot || leaf.get(index) != entry) {
        return Pte.NONE;
      }
      swap.free(slot);
      swap.freeUnusedCache(page);
      boolean exclusive = (entry & Pte.EXCLUSIVE) != 0 || page.refCount() == 1;
      long mapped = PageProtection.entry(page, vma);
      if (exclusive && write) {
        mapped = PageProtection.written(mapped, vma);
      }
      page.get();
      page.addAnonMapping(vma.anonVma(), vma.pageOffset(address), exclusive);
      leaf.set(index, mapped);
      context.rss().cleared(entry);
      context.rss().set(mapped);
      return mapped;
    } finally {
      leaf.lock().unlock();
    }
  }
}

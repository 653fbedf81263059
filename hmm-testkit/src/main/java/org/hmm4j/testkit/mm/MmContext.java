// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;

/** What the parts of an address space share. */
final class MmContext {

  private final Kernel kernel;
  private final PhysicalMemory memory;
  private final PageTableGeometry geometry;
  private final MmuNotifiers notifiers;
  private final PageTableTree tables;
  private final VmaArray vmas;
  private final PmdSplitting pmdSplitting;

  /** {@code MMF_UNSTABLE}: the OOM reaper took pages, so a missing one may have had contents. */
  private volatile boolean unstable;

  private final RssCounters rss;

  /** {@code MMF_DISABLE_THP}. */
  private volatile boolean hugePageDisabled;

  /** Set once, before anybody else knows the address space. */
  private MmStruct mm;

  MmContext(Kernel kernel, PhysicalMemory memory, PageTableGeometry geometry) {
    this.kernel = kernel;
    this.memory = memory;
    this.geometry = geometry;
    this.notifiers = MmuNotifiers.of(kernel);
    this.tables = new PageTableTree(this, geometry);
    this.vmas = new VmaArray(this);
    this.pmdSplitting = new PmdSplitting(this);
    this.rss = new RssCounters(this);
  }

  void mm(MmStruct mm) {
    this.mm = mm;
  }

  MmStruct mm() {
    return mm;
  }

  RwSemaphore mmapLock() {
    return mm.mmapLock();
  }

  Kernel kernel() {
    return kernel;
  }

  PhysicalMemory memory() {
    return memory;
  }

  PageTableGeometry geometry() {
    return geometry;
  }

  PageTableTree tables() {
    return tables;
  }

  VmaArray vmas() {
    return vmas;
  }

  ReverseMap reverseMap() {
    return memory.reverseMap();
  }

  MmuNotifiers notifiers() {
    return notifiers;
  }

  /**
   * Asks the fault plan whether there is memory for an object that needs no record, as who has it
   * is known: {@code kmalloc}. Context: may sleep.
   */
  boolean hasMemoryFor(String type) {
    Allocation record = kernel.allocations().allocate(type);
    if (record == null) {
      return false;
    }
    record.free();
    return true;
  }

  PmdSplitting pmdSplitting() {
    return pmdSplitting;
  }

  RssCounters rss() {
    return rss;
  }

  void makeUnstable() {
    unstable = true;
  }

  /** {@code check_stable_address_space}, include/linux/oom.h. */
  boolean isUnstable() {
    return unstable;
  }

  void disableHugePage() {
    hugePageDisabled = true;
  }

  boolean isHugePageDisabled() {
    return hugePageDisabled;
  }

  /** Returns the first address of the page that holds an address. */
  long pageStart(long address) {
    return address & -geometry.pageSize();
  }

  /** Returns the page number of an address. */
  long pageNumber(long address) {
    return address >>> geometry.pageShift();
  }

  /** Rounds a length up to whole pages: {@code PAGE_ALIGN}, which wraps to 0 near two to the 64. */
  long pageAlign(long length) {
    return (length + geometry.pageSize() - 1) & -geometry.pageSize();
  }

  /** Rounds a length up to whole huge pages. */
  long hugeAlign(long length) {
    long size = 1L << geometry.pmdShift();
    return (length + size - 1) & -size;
  }

  /** Returns whether an address is a multiple of the size of a huge page. */
  boolean isHugeAligned(long address) {
    return (address & ((1L << geometry.pmdShift()) - 1)) == 0;
  }

  /**
   * Whether a VMA can begin or end there: {@code hugetlb_vm_op_split}, mm/hugetlb.c, {@code
   * dev_dax_may_split}, drivers/dax/device.c.
   */
  boolean maySplit(FakeVma vma, long address) {
    if (address <= vma.start() || vma.end() <= address) {
      return true;
    } else if (vma.isDax()) {
      return isDaxAligned(vma, address);
    }
    return vma.hugetlb() == null || isHugeAligned(address);
  }

  /** Whether an address is a multiple of what an entry of the DAX device maps. */
  boolean isDaxAligned(FakeVma vma, long address) {
    return (address & ((geometry.pageSize() << vma.device().order()) - 1)) == 0;
  }

  /**
   * Returns the page that an entry maps: {@code vm_normal_page}, mm/memory.c; null for the zero
   * pages and for memory of devices.
   */
  Page normalPage(long entry) {
    if ((entry & (Pte.SPECIAL | Pte.ZERO | Pte.DEVMAP)) != 0 || isHugeZero(entry)) {
      return null;
    }
    return memory.page(Pte.pfn(entry));
  }

  /** {@code is_huge_zero_pmd}, include/linux/huge_mm.h. */
  boolean isHugeZero(long entry) {
    return (entry & Pte.HUGE) != 0 && memory.huge().isZero(Pte.pfn(entry));
  }

  /**
   * Finds the page that is mapped at an address, and adds a reference, as who takes it from a list
   * of pages does: {@code isolate_lru_page}, mm/vmscan.c. Null if there is none, or one that is on
   * no such list: the zero page, what a driver mapped, and pages of devices.
   */
  Page isolate(long address) {
    SpinLock lock = tables.lockEntry(address);
    if (lock == null) {
      return null;
    }
    try {
      long entry = tables.pte(address);
      Page page = Pte.isPresent(entry) ? normalPage(entry) : null;
      if (page == null
          || page.isZoneDevice()
          || CompoundPage.isHugetlb(page)
          || page.mapping() == null) {
        return null;
      }
      page.get();
      return page;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Fills an entry if it is still empty, making its table: {@code do_set_pte}, mm/memory.c. With a
   * page, the entry takes over the caller's reference, which is dropped if the entry is not empty.
   *
   * @param page the page that the entry maps, or null for the zero page
   * @param newAnonymous whether the page is a new one of the process' own
   */
  void fillEmpty(FakeVma vma, long address, long entry, Page page, boolean newAnonymous) {
    fillEmpty(vma, address, entry, page, newAnonymous, false);
  }

  /**
   * As {@link #fillEmpty}, at the end of a fault: {@code finish_fault}, {@code do_anonymous_page}.
   * Returns SIGBUS if the contents may have been taken: {@code check_stable_address_space}.
   */
  int finishFault(FakeVma vma, long address, long entry, Page page, boolean newAnonymous) {
    return fillEmpty(vma, address, entry, page, newAnonymous, !vma.isShared());
  }

  private int fillEmpty(
      FakeVma vma, long address, long entry, Page page, boolean newAnonymous, boolean check) {
    LeafTable leaf = tables.allocateLeaf(address);
    if (leaf == null) {
      if (page != null) {
        memory.put(page);
      }
      return 0;
    }
    int index = geometry.pteIndex(address);
    boolean filled = false;
    boolean refused = false;
    leaf.lock().lock();
    try {
      boolean empty = leaf.get(index) == Pte.NONE;
      refused = empty && check && unstable;
      if (empty && !refused) {
        if (newAnonymous) {
          page.addNewAnonMapping(vma.anonVma(), vma.pageOffset(address));
        } else if (page != null) {
          page.addMapping();
        }
        leaf.set(index, entry);
        rss.set(entry);
        filled = true;
      }
    } finally {
      leaf.lock().unlock();
    }
    if (!filled && page != null) {
      memory.put(page);
    }
    return refused ? VmFault.SIGBUS : 0;
  }

  /**
   * Gives back what an entry that was cleared had: {@code zap_pte_range}, mm/memory.c. The entries
   * of pages in migration and of poisoned pages have no reference. Context: lock of the table held.
   */
  void unmapEntry(long entry) {
    rss.cleared(entry);
    if (Pte.isPresent(entry)) {
      unmapPage(normalPage(entry));
    } else if (Pte.kind(entry) == Pte.SWAP) {
      memory.swap().freeWithCache((int) Pte.pfn(entry));
    } else if (Pte.kind(entry) == Pte.DEVICE_PRIVATE) {
      Page page = memory.page(Pte.pfn(entry));
      page.removeMapping();
      memory.put(page);
    } else if (Pte.kind(entry) == Pte.DEVICE_EXCLUSIVE) {
      memory.put(memory.page(Pte.pfn(entry)));
    }
  }

  /** As {@link #unmapEntry} for a huge entry: {@code zap_huge_pmd}, mm/huge_memory.c. */
  void unmapHugeEntry(long entry) {
    rss.clearedHuge(entry);
    Page head = Pte.isPresent(entry) ? normalPage(entry) : null;
    if (head != null) {
      head.compound().removeMapping();
      memory.put(head);
    }
  }

  /** {@code page_remove_rmap}, {@code free_page_and_swap_cache}; null for the zero page. */
  private void unmapPage(Page page) {
    if (page != null) {
      page.removeMapping();
      memory.swap().freeUnmappedCache(page);
      memory.put(page);
    }
  }

  /**
   * Announces a change: {@code mmu_notifier_invalidate_range_start}. If it throws, nothing may be
   * changed; otherwise {@link #invalidateEnd} has to follow.
   */
  MmuNotifierRange invalidateStart(MmuNotifierEvent event, long start, long end) {
    return invalidateStart(event, start, end, null);
  }

  /** As above, with who causes it. */
  MmuNotifierRange invalidateStart(MmuNotifierEvent event, long start, long end, Object owner) {
    MmuNotifierRange range = MmuNotifierRange.of(mm, event, start, end).owner(owner);
    notifiers.invalidateRangeStart(range);
    return range;
  }

  /** Ends a change: {@code mmu_notifier_invalidate_range_end}. */
  void invalidateEnd(MmuNotifierRange range) {
    notifiers.invalidateRangeEnd(range);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
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

  /** Set once, before anybody else knows the address space. */
  private MmStruct mm;

  MmContext(Kernel kernel, PhysicalMemory memory, PageTableGeometry geometry) {
    this.kernel = kernel;
    this.memory = memory;
    this.geometry = geometry;
    this.notifiers = MmuNotifiers.of(kernel);
    this.tables = new PageTableTree(this, geometry);
    this.vmas = new VmaArray(this);
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

  /**
   * Returns the page that an entry maps: {@code vm_normal_page}, mm/memory.c; null for the zero
   * page.
   */
  Page normalPage(long entry) {
    return (entry & (Pte.SPECIAL | Pte.ZERO)) != 0 ? null : memory.page(Pte.pfn(entry));
  }

  /**
   * Fills an entry if it is still empty, making its table: {@code finish_fault}, mm/memory.c. With
   * a page, the entry takes over the caller's reference, which is dropped if the entry is not
   * empty.
   *
   * @param page the page that the entry maps, or null for the zero page
   * @param newAnonymous whether the page is a new one of the process' own
   */
  void fillEmpty(long address, long entry, Page page, boolean newAnonymous) {
    LeafTable leaf = tables.allocateLeaf(address);
    int index = geometry.pteIndex(address);
    boolean filled = false;
    leaf.lock().lock();
    try {
      if (leaf.get(index) == Pte.NONE) {
        fill(leaf, index, entry, page, newAnonymous);
        filled = true;
      }
    } finally {
      leaf.lock().unlock();
    }
    if (!filled && page != null) {
      memory.put(page);
    }
  }

  /** {@code do_set_pte}, mm/memory.c. Context: lock of the table held. */
  void fill(LeafTable leaf, int index, long entry, Page page, boolean newAnonymous) {
    if (newAnonymous) {
      page.addNewAnonMapping();
    } else if (page != null) {
      page.addMapping();
    }
    leaf.set(index, entry);
  }

  /** Gives back what an entry that was cleared had: {@code page_remove_rmap}, {@code put_page}. */
  void unmapEntry(long entry) {
    Page page = normalPage(entry);
    if (page != null) {
      page.removeMapping();
      memory.put(page);
    }
  }

  /**
   * Announces a change: {@code mmu_notifier_invalidate_range_start}. If it throws, nothing may be
   * changed; otherwise {@link #invalidateEnd} has to follow.
   */
  MmuNotifierRange invalidateStart(MmuNotifierEvent event, long start, long end) {
    MmuNotifierRange range = MmuNotifierRange.of(mm, event, start, end);
    notifiers.invalidateRangeStart(range);
    return range;
  }

  /** Ends a change: {@code mmu_notifier_invalidate_range_end}. */
  void invalidateEnd(MmuNotifierRange range) {
    notifiers.invalidateRangeEnd(range);
  }
}

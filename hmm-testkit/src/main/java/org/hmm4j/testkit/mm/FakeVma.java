// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/**
 * A VMA of the fake address space. Immutable but for its anon_vma: a change of the layout replaces
 * it, so a list of VMAs taken earlier shows how it was.
 */
public final class FakeVma implements Vma {

  private final long start;
  private final long end;
  private final long flags;
  private final long pageOffset;
  private final FakeFile file;
  private final DeviceMemory device;
  private final HugetlbReserve hugetlb;
  private final int pageShift;

  /** Set once, on the first page of the process' own. */
  @GuardedBy("mmap_lock for read and page_table_lock to write")
  private volatile AnonVmaChain anonVmaChain;

  FakeVma(
      long start,
      long end,
      long flags,
      long pageOffset,
      FakeFile file,
      DeviceMemory device,
      HugetlbReserve hugetlb,
      AnonVmaChain anonVmaChain,
      int pageShift) {
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.pageOffset = pageOffset;
    this.file = file;
    this.device = device;
    this.hugetlb = hugetlb;
    this.anonVmaChain = anonVmaChain;
    this.pageShift = pageShift;
  }

  @Override
  public long start() {
    return start;
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public long flags() {
    return flags;
  }

  /**
   * Returns where it begins in its object: {@code vm_pgoff}.
   *
   * @return a page of the file or device; for private anonymous memory the page number of the
   *     address at which it was first mapped or last moved before its first page
   */
  public long pageOffset() {
    return pageOffset;
  }

  /**
   * Returns the object behind it: {@code vm_file}.
   *
   * @return the file, also that of anonymous shared memory; null if it is anonymous and private, or
   *     maps a device
   */
  public FakeFile file() {
    return file;
  }

  /**
   * Returns the device behind it: {@code vm_file} of a character device.
   *
   * @return the device memory, or null if it maps none
   */
  public DeviceMemory device() {
    return device;
  }

  /** {@code vma_is_dax}, include/linux/fs.h. */
  boolean isDax() {
    return device != null && device.order() > 0;
  }

  /**
   * Returns whether it is private anonymous memory: {@code vma_is_anonymous}.
   *
   * @return true if there is no object behind it; false for hugetlb
   */
  public boolean isAnonymous() {
    return file == null && device == null && hugetlb == null;
  }

  /**
   * Returns whether stores go to the object itself: {@code VM_SHARED}.
   *
   * @return true if they do
   */
  public boolean isShared() {
    return (flags & VmFlags.SHARED) != 0;
  }

  /**
   * Returns whether it may have pages of the process' own: {@code anon_vma}.
   *
   * @return true if it had one, also before it was split or moved
   */
  public boolean hasAnonVma() {
    return anonVmaChain != null;
  }

  /** Returns where new pages of its own belong: {@code anon_vma}; null before the first. */
  AnonVma anonVma() {
    AnonVmaChain chain = anonVmaChain;
    return chain == null ? null : chain.own();
  }

  /** Returns the right to huge pages; null if it is no hugetlb mapping: {@code VM_HUGETLB}. */
  HugetlbReserve hugetlb() {
    return hugetlb;
  }

  AnonVmaChain anonVmaChain() {
    return anonVmaChain;
  }

  /** Only under the page-table lock of the mm, once. */
  void anonVma(AnonVma anonVma) {
    this.anonVmaChain = AnonVmaChain.of(anonVma);
  }

  /** Whether it belongs to one anon_vma only: {@code list_is_singular(&vma->anon_vma_chain)}. */
  boolean hasSingularChain() {
    AnonVmaChain chain = anonVmaChain;
    return chain != null && chain.isSingular();
  }

  boolean isWritable() {
    return (flags & VmFlags.WRITE) != 0;
  }

  /** {@code vma_is_accessible}, include/linux/mm.h. */
  boolean isAccessible() {
    return (flags & (VmFlags.READ | VmFlags.WRITE | VmFlags.EXEC)) != 0;
  }

  /** Returns the first address of the page that holds an address. */
  long pageStart(long address) {
    return address >>> pageShift << pageShift;
  }

  /** Returns the page of the object at an address: {@code linear_page_index}. */
  long pageOffset(long address) {
    return pageOffset + ((address - start) >> pageShift);
  }

  /**
   * Returns where it would map a page, of a huge one the first part that it may map: {@code
   * vma_address}, mm/internal.h.
   */
  long startOf(Page page) {
    return Math.max(start, addressOf(page.index()));
  }

  /** Returns where a page, of a huge one the last part, ends: {@code vma_address_end}. */
  long endOf(Page page) {
    return Math.min(end, addressOf(page.index() + CompoundPage.span(page)));
  }

  private long addressOf(long page) {
    return start + ((page - pageOffset) << pageShift);
  }

  /**
   * Whether a page of its object would be mapped within its borders: {@code
   * vma_interval_tree_foreach} and {@code anon_vma_interval_tree_foreach} of {@code rmap_walk},
   * mm/rmap.c.
   */
  boolean mayMap(Page page) {
    return pageOffset < page.index() + CompoundPage.span(page) && page.index() < endPageOffset();
  }

  /** Whether a write gives the process a page of its own: {@code is_cow_mapping}, mm.h. */
  boolean isCow() {
    return !isShared() && (flags & VmFlags.MAYWRITE) != 0;
  }

  /** Returns the page of the object that follows the last of this VMA. */
  long endPageOffset() {
    return pageOffset(end);
  }

  /** Makes a copy with other borders; the pages stay at their addresses. */
  FakeVma withBorders(long start, long end) {
    return new FakeVma(
        start, end, flags, pageOffset(start), file, device, hugetlb, anonVmaChain, pageShift);
  }

  /** Makes a copy with other flags. */
  FakeVma withFlags(long flags) {
    return new FakeVma(
        start, end, flags, pageOffset, file, device, hugetlb, anonVmaChain, pageShift);
  }

  /** Makes a copy with other anon_vmas. */
  FakeVma withAnonVmas(AnonVmaChain anonVmaChain) {
    return new FakeVma(
        start, end, flags, pageOffset, file, device, hugetlb, anonVmaChain, pageShift);
  }

  /** Makes a copy for a child process: {@code reset_vma_resv_huge_pages}, mm/hugetlb.c. */
  FakeVma ofChild() {
    return hugetlb == null
        ? this
        : new FakeVma(
            start,
            end,
            flags,
            pageOffset,
            file,
            device,
            hugetlb.ofChild(),
            anonVmaChain,
            pageShift);
  }

  /** Makes a copy for the same object at another place: {@code vm_area_dup} in {@code copy_vma}. */
  FakeVma at(long start, long end, long pageOffset) {
    return new FakeVma(
        start, end, flags, pageOffset, file, device, hugetlb, anonVmaChain, pageShift);
  }

  /** It enters the address space: {@code vm_ops->open} and {@code get_file}. */
  void open() {
    if (file != null) {
      file.get();
    }
    if (hugetlb != null) {
      hugetlb.open(hugeIndex(start), hugeIndex(end));
    }
  }

  /** It has left the address space: {@code remove_vma}, mm/mmap.c. */
  void close() {
    if (file != null) {
      file.put();
    }
    if (hugetlb != null) {
      hugetlb.close(hugeIndex(start), hugeIndex(end));
    }
  }

  /** Returns the huge page of the mapping at an address: {@code vma_hugecache_offset}. */
  long hugeIndex(long address) {
    return pageOffset(address) >>> hugetlb.order();
  }

  private String kind() {
    if (hugetlb != null) {
      return "hugetlb";
    } else if (isAnonymous()) {
      return "anon";
    }
    return file == null ? "device" : "file";
  }

  @Override
  public String toString() {
    return "0x%x-0x%x %s%s%s %s@%d"
        .formatted(
            start,
            end,
            (flags & VmFlags.READ) != 0 ? "r" : "-",
            isWritable() ? "w" : "-",
            isShared() ? "s" : "p",
            kind(),
            pageOffset);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * The page tables of an address space as the walk sees them. All entries are in the format of
 * {@link Pte}. Readers hold the mmap lock but no page-table lock: entries may change while they
 * look, which an invalidation that overlaps the walk makes known.
 *
 * <p>An entry of an upper level is {@link Pte#NONE}, {@link Pte#TABLE}, a present leaf with {@link
 * Pte#HUGE} or {@link Pte#DEVMAP}, one of the non-present kinds, or {@link Pte#BAD}. A level is
 * asked for only where the level above answered {@link Pte#TABLE}.
 */
public interface PageTables {

  /**
   * Returns how addresses are cut.
   *
   * @return the same object at each call
   */
  PageTableGeometry geometry();

  /**
   * Reads the entry of the top level.
   *
   * @param address an address in bytes
   * @return the entry that maps it, {@link Pte#NONE} or {@link Pte#TABLE}
   */
  long pgd(long address);

  /**
   * Reads the entry of the third level.
   *
   * @param address an address in bytes
   * @return the entry that maps it
   */
  long pud(long address);

  /**
   * Reads the entry of the second level.
   *
   * @param address an address in bytes
   * @return the entry that maps it
   */
  long pmd(long address);

  /**
   * Returns a leaf table, to be read only.
   *
   * @param address an address in bytes
   * @return the live table that maps it, indexed by {@link PageTableGeometry#pteIndex}; null if it
   *     was taken away since {@link #pmd} was read
   */
  long[] ptes(long address);

  /**
   * Reads the entry of a hugetlb mapping: {@code huge_ptep_get}.
   *
   * @param vma a VMA with {@link VmFlags#HUGETLB}
   * @param address an address within it
   * @return the entry of the huge page that holds the address; {@link Pte#NONE} if it is empty,
   *     {@link Pte#NO_TABLE} if there is no table for it yet
   */
  default long hugetlb(Vma vma, long address) {
    throw new UnsupportedOperationException("no hugetlb mappings in this address space");
  }

  /**
   * Returns the size of the pages of a hugetlb mapping: {@code huge_page_shift}.
   *
   * @param vma a VMA with {@link VmFlags#HUGETLB}
   * @return log2 of bytes
   */
  default int hugetlbShift(Vma vma) {
    throw new UnsupportedOperationException("no hugetlb mappings in this address space");
  }

  /**
   * Splits a huge pud that is no device memory into pmds: {@code split_huge_pud}. Context: mmap
   * lock held; may sleep.
   *
   * @param vma the VMA
   * @param address an address that the pud maps
   */
  default void splitHugePud(Vma vma, long address) {
    throw new UnsupportedOperationException("no huge puds in this address space");
  }

  /**
   * Waits until the migration entry at an address, a pte or a pmd, has been replaced: {@code
   * migration_entry_wait}, {@code pmd_migration_entry_wait}. Returns at once if there is none (any
   * more). Context: mmap lock held; may sleep.
   *
   * @param address an address in bytes
   */
  default void migrationEntryWait(long address) {
    throw new UnsupportedOperationException("no migration in this address space");
  }

  /**
   * Returns who owns a page of device memory: {@code pgmap->owner}.
   *
   * @param pfn the page frame of a {@link Pte#DEVICE_PRIVATE} entry
   * @return the owner, to be compared by identity; null if the page has none
   */
  default Object devicePrivateOwner(long pfn) {
    throw new UnsupportedOperationException("no device memory in this address space");
  }
}

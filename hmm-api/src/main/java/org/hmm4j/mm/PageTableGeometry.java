// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * How an address is cut into table indexes: four levels, as on x86-64 without five-level paging.
 * All values are bit positions; a level maps the bits from its own shift up to that of the next
 * level.
 *
 * @param pageShift log2 of the size of a page in bytes
 * @param pmdShift log2 of what one pmd entry, or one leaf table, maps
 * @param pudShift log2 of what one pud entry maps
 * @param pgdShift log2 of what one pgd entry maps
 * @param addressBits addresses are below two to this power: {@code TASK_SIZE}
 */
public record PageTableGeometry(
    int pageShift, int pmdShift, int pudShift, int pgdShift, int addressBits) {

  /** No level has larger tables: what an array can hold with room to spare. */
  private static final int TABLE_BITS_MAX = 24;

  /** x86-64: 4 KiB pages, 2 MiB per pmd, 1 GiB per pud, 512 GiB per pgd entry, 47 address bits. */
  public static final PageTableGeometry X86_64 = new PageTableGeometry(12, 21, 30, 39, 47);

  /**
   * Checks that the levels are in order and no table has more than 2^24 entries.
   *
   * @param pageShift of a page
   * @param pmdShift of a pmd entry
   * @param pudShift of a pud entry
   * @param pgdShift of a pgd entry
   * @param addressBits of an address
   */
  public PageTableGeometry {
    if (pageShift < 1
        || pmdShift <= pageShift
        || pudShift <= pmdShift
        || pgdShift <= pudShift
        || addressBits < pgdShift
        || addressBits > 62) {
      throw new IllegalArgumentException(
          "want 1 <= page < pmd < pud < pgd <= addressBits <= 62, got %d, %d, %d, %d, %d"
              .formatted(pageShift, pmdShift, pudShift, pgdShift, addressBits));
    }
    if (pmdShift - pageShift > TABLE_BITS_MAX
        || pudShift - pmdShift > TABLE_BITS_MAX
        || pgdShift - pudShift > TABLE_BITS_MAX
        || addressBits - pgdShift > TABLE_BITS_MAX) {
      throw new IllegalArgumentException(
          "a table has at most 2^%d entries, got shifts %d, %d, %d, %d, %d"
              .formatted(TABLE_BITS_MAX, pageShift, pmdShift, pudShift, pgdShift, addressBits));
    }
  }

  /**
   * Returns the size of a page: {@code PAGE_SIZE}.
   *
   * @return bytes
   */
  public long pageSize() {
    return 1L << pageShift;
  }

  /**
   * Returns the end of the addresses a process can map: {@code TASK_SIZE}.
   *
   * @return the first address beyond
   */
  public long taskSize() {
    return 1L << addressBits;
  }

  /**
   * Returns the number of entries of a leaf table: {@code PTRS_PER_PTE}.
   *
   * @return entries
   */
  public int ptesPerTable() {
    return 1 << (pmdShift - pageShift);
  }

  /**
   * Returns the index of an address in its leaf table: {@code pte_index}.
   *
   * @param address an address in bytes
   * @return 0 up to {@link #ptesPerTable} exclusive
   */
  public int pteIndex(long address) {
    return (int) (address >>> pageShift) & (ptesPerTable() - 1);
  }

  /**
   * Returns whether an address is a multiple of the page size.
   *
   * @param address an address in bytes
   * @return true at a page border
   */
  public boolean isPageAligned(long address) {
    return (address & (pageSize() - 1)) == 0;
  }

  /**
   * Returns the order of a mapping made by one pmd entry: log2 of its pages.
   *
   * @return 9 on x86-64
   */
  public int pmdOrder() {
    return pmdShift - pageShift;
  }

  /**
   * Returns the order of a mapping made by one pud entry: log2 of its pages.
   *
   * @return 18 on x86-64
   */
  public int pudOrder() {
    return pudShift - pageShift;
  }
}

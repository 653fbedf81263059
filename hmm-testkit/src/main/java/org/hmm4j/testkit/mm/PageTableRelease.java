// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;

/**
 * Takes page tables away that no VMA needs any more: {@code free_pgtables}, mm/memory.c, Linux 6.1.
 * A table goes when the VMAs that were removed reach into its span and no other VMA does.
 */
final class PageTableRelease {

  private final PageTableTree tables;
  private final PageTableGeometry geometry;

  PageTableRelease(PageTableTree tables) {
    this.tables = tables;
    this.geometry = tables.geometry();
  }

  /**
   * Frees the tables of VMAs that were detached and unmapped.
   *
   * @param vmas the VMAs, in order
   * @param floor the end of the VMA before them, or 0
   * @param ceiling the start of the VMA after them, or 0 if there is none
   */
  void free(FakeVma[] vmas, long floor, long ceiling) {
    long pmdSize = 1L << geometry.pmdShift();
    int first = 0;
    while (first < vmas.length) {
      int last = first;
      while (last + 1 < vmas.length && vmas[last + 1].start() <= vmas[last].end() + pmdSize) {
        last++;
      }
      long limit = last + 1 < vmas.length ? vmas[last + 1].start() : ceiling;
      freeRange(vmas[first].start(), vmas[last].end(), floor, limit);
      first = last + 1;
    }
  }

  /** {@code free_pgd_range}, mm/memory.c. A ceiling of 0 is the end of all addresses. */
  private void freeRange(long start, long end, long floor, long ceiling) {
    int shift = geometry.pmdShift();
    long first = down(start, shift);
    if (first < floor) {
      first += 1L << shift;
    }
    long last = end;
    if (ceiling != 0) {
      long limit = down(ceiling, shift);
      if (limit == 0) {
        return;
      }
      if (last > limit) {
        last -= 1L << shift;
      }
    }
    if (first >= last) {
      return;
    }
    for (long at = first; at < last; at = next(at, last, geometry.pgdShift())) {
      if (tables.pgd(at) == Pte.TABLE) {
        freePuds(at, next(at, last, geometry.pgdShift()), floor, ceiling);
      }
    }
  }

  /** {@code free_pud_range}: the part of a range below one entry of the top level. */
  private void freePuds(long start, long end, long floor, long ceiling) {
    for (long at = start; at < end; at = next(at, end, geometry.pudShift())) {
      if (tables.pud(at) == Pte.TABLE) {
        freePmds(at, next(at, end, geometry.pudShift()), floor, ceiling);
      }
    }
    if (spanIsFree(start, end, floor, ceiling, geometry.pgdShift())) {
      tables.upper().clearPuds(start);
    }
  }

  /** {@code free_pmd_range}: the part of a range below one entry of the third level. */
  private void freePmds(long start, long end, long floor, long ceiling) {
    for (long at = start; at < end; at = next(at, end, geometry.pmdShift())) {
      tables.clearLeaf(at);
    }
    if (spanIsFree(start, end, floor, ceiling, geometry.pudShift())) {
      tables.upper().clearPmds(start);
    }
  }

  /** Whether nothing outside of the range is mapped in the span of the table that holds it. */
  private static boolean spanIsFree(long start, long end, long floor, long ceiling, int shift) {
    if (down(start, shift) < floor) {
      return false;
    }
    if (ceiling == 0) {
      return true;
    }
    long limit = down(ceiling, shift);
    return limit != 0 && end <= limit;
  }

  private static long down(long address, int shift) {
    return address >>> shift << shift;
  }

  /** {@code pmd_addr_end} and its like: the next border of a table entry, or the end. */
  private static long next(long address, long end, int shift) {
    return Math.min(down(address, shift) + (1L << shift), end);
  }
}

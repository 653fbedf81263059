// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.bench;

import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/** An address space of one VMA in which every page is present and writable. */
final class PresentPages implements AddressSpace, PageTables, Vma {

  static final long BASE = 0x4000_0000L;

  private final long end;
  private final long[][] leaves;

  PresentPages(int pages) {
    PageTableGeometry geometry = geometry();
    int perTable = geometry.ptesPerTable();
    end = BASE + pages * geometry.pageSize();
    leaves = new long[(pages + perTable - 1) / perTable][perTable];
    for (int page = 0; page < pages; page++) {
      leaves[page / perTable][page % perTable] = Pte.present(1000 + page, Pte.WRITE | Pte.DIRTY);
    }
  }

  long[][] leaves() {
    return leaves;
  }

  @Override
  public Vma findVma(long address) {
    return address < end ? this : null;
  }

  @Override
  public PageTables pageTables() {
    return this;
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    throw new AssertionError("all pages are present");
  }

  @Override
  public void exitMmap() {}

  @Override
  public void free() {}

  @Override
  public PageTableGeometry geometry() {
    return PageTableGeometry.X86_64;
  }

  @Override
  public long pgd(long address) {
    return Pte.TABLE;
  }

  @Override
  public long pud(long address) {
    return Pte.TABLE;
  }

  @Override
  public long pmd(long address) {
    return Pte.TABLE;
  }

  @Override
  public long[] ptes(long address) {
    return leaves[(int) ((address - BASE) >>> geometry().pmdShift())];
  }

  @Override
  public long start() {
    return BASE;
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public long flags() {
    return VmFlags.READ | VmFlags.WRITE;
  }
}

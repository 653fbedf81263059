// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Vma;

/** An address space in which nothing is mapped. */
final class EmptySpace implements AddressSpace, PageTables {

  static final long PAGE = 0x1000;
  static final long BASE = 0x4000_0000L;

  @Override
  public Vma findVma(long address) {
    return null;
  }

  @Override
  public PageTables pageTables() {
    return this;
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    throw new AssertionError("no test faults");
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
    return 0;
  }

  @Override
  public long pud(long address) {
    return 0;
  }

  @Override
  public long pmd(long address) {
    return 0;
  }

  @Override
  public long[] ptes(long address) {
    throw new AssertionError("there is no table");
  }
}

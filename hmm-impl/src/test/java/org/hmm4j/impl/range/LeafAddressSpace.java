// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/** An address space of one VMA under one leaf table, whose entries a test sets. */
final class LeafAddressSpace implements AddressSpace, PageTables, Vma {

  static final int PAGES = 512;
  static final long PAGE = 4096;

  final long[] entries = new long[PAGES];
  final List<Long> dirty = new ArrayList<>();
  final MmStruct mm;

  /** Whether a fault drops the mmap lock where it may. */
  boolean dropsTheLock;

  LeafAddressSpace(Kernel kernel) {
    mm = MmStruct.alloc(kernel, this);
  }

  @Override
  public Vma findVma(long address) {
    return address < end() ? this : null;
  }

  @Override
  public PageTables pageTables() {
    return this;
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    if (dropsTheLock && (flags & FaultFlags.ALLOW_RETRY) != 0) {
      mm.mmapLock().readUnlock();
      return VmFault.RETRY;
    }
    boolean write = (flags & FaultFlags.WRITE) != 0;
    entries[(int) (address / PAGE)] = Pte.present(0x1000 + address / PAGE, write ? Pte.WRITE : 0);
    return 0;
  }

  @Override
  public void setPageDirty(long pfn) {
    dirty.add(pfn);
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
    return entries;
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public long end() {
    return PAGES * PAGE;
  }

  @Override
  public long flags() {
    return VmFlags.READ | VmFlags.WRITE;
  }
}

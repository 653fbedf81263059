// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Vma;

/**
 * An address space in which nothing is mapped. The first subscription of an address space takes all
 * its locks, so that no invalidation is under way: who invalidates holds one of them for read.
 */
final class EmptySpace implements AddressSpace, PageTables {

  static final long PAGE = 0x1000;
  static final long BASE = 0x4000_0000L;

  /** Plays i_mmap_rwsem. */
  final RwSemaphore rmapLock = SharedKernel.KERNEL.rwSemaphore("i_mmap_rwsem");

  @Override
  public Errno takeAllLocks() {
    rmapLock.writeLock();
    return Errno.OK;
  }

  @Override
  public void dropAllLocks() {
    rmapLock.writeUnlock();
  }

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

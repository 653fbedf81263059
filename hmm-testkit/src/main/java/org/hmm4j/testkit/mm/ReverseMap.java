// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.RwSemaphore;

/**
 * Finds the places in one address space that may map a page: {@code rmap_walk}, mm/rmap.c, Linux
 * 6.1.
 *
 * <p>One lock stands for the {@code anon_vma->rwsem} and {@code i_mmap_rwsem} of all VMAs. Held for
 * read it keeps VMAs, and whole tables, where they are; entries still change under their own locks.
 * It is the only lock over the invalidations of reclaim and migration, so who takes it for write
 * knows that none of them is in flight.
 */
final class ReverseMap {

  private static final FakeVma[] EMPTY = {};

  private final MmContext context;
  private final RwSemaphore lock;

  /** VMAs that munmap took out of the layout while their pages are not gone yet. */
  @GuardedBy("lock")
  private FakeVma[] detached = EMPTY;

  ReverseMap(MmContext context) {
    this.context = context;
    this.lock = context.kernel().rwSemaphore("anon_vma->rwsem");
  }

  /** Looks at a place that may map a page. Context: lock held for read. */
  interface Visitor {
    void visit(FakeVma vma, long address);
  }

  RwSemaphore lock() {
    return lock;
  }

  /**
   * Visits each place where a VMA would map a page, until all is done. Context: may sleep; no spin
   * lock held; the caller has a reference to the page and its lock.
   */
  void walk(Page page, Visitor visitor, BooleanSupplier done) {
    lock.readLock();
    try {
      visitAll(context.vmas().array(), page, visitor, done);
      visitAll(detached, page, visitor, done);
    } finally {
      lock.readUnlock();
    }
  }

  private void visitAll(FakeVma[] vmas, Page page, Visitor visitor, BooleanSupplier done) {
    for (FakeVma vma : vmas) {
      if (done.getAsBoolean()) {
        return;
      }
      if (vma.mayMap(page)) {
        long pages = page.index() - vma.pageOffset();
        visitor.visit(vma, vma.start() + (pages << context.geometry().pageShift()));
      }
    }
  }

  /** The VMAs left the layout but can still be found here. Context: lock held for write. */
  void keep(FakeVma[] vmas) {
    lock.assertHeldWrite();
    FakeVma[] all = new FakeVma[detached.length + vmas.length];
    System.arraycopy(detached, 0, all, 0, detached.length);
    System.arraycopy(vmas, 0, all, detached.length, vmas.length);
    detached = all;
  }

  /**
   * Forgets VMAs that were detached, before their tables go: {@code unlink_anon_vmas}, {@code
   * unlink_file_vma}, mm/mmap.c, as {@code free_pgtables} calls them.
   */
  void unlink() {
    lock.writeLock();
    detached = EMPTY;
    lock.writeUnlock();
  }
}

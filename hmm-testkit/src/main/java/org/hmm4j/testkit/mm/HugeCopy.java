// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;

/**
 * Copies a huge entry to a child process: {@code copy_huge_pmd}, mm/huge_memory.c, Linux 6.1.
 * Context: both mmap locks held for write; entries still change under their own locks.
 */
final class HugeCopy {

  /** The table of the child is known to nobody who holds that of the parent. */
  private static final int SINGLE_DEPTH_NESTING = 1;

  private final MmContext parent;
  private final MmContext child;

  HugeCopy(MmContext parent, MmContext child) {
    this.parent = parent;
    this.child = child;
  }

  /**
   * Copies the entry of an address, which becomes read-only on both sides. Memory of devices comes
   * back by faults.
   *
   * @param to the VMA of the child
   * @param from that of the parent
   * @return EAGAIN if there is a leaf table (now), to be copied instead; ENOMEM
   */
  Errno copy(FakeVma to, FakeVma from, long address) {
    if (!from.isAnonymous()) {
      return Errno.OK;
    }
    if (!child.hasMemoryFor("page table")) {
      return Errno.ENOMEM;
    }
    LeafTable deposit = child.tables().newLeaf(address);
    child.tables().allocateUpper(address);
    PmdSlot target = child.tables().pmdSlot(address);
    PmdSlot source = parent.tables().pmdSlot(address);
    Errno result;
    target.lock().lock();
    source.lock().lockNested(SINGLE_DEPTH_NESTING);
    try {
      result = copyLocked(target, source, deposit);
    } finally {
      source.lock().unlock();
      target.lock().unlock();
    }
    if (result == Errno.EBUSY) {
      parent.pmdSplitting().split(from, address);
      return Errno.EAGAIN;
    }
    return result;
  }

  /** Returns EBUSY if the page is pinned: the child needs copies of what it has. */
  private Errno copyLocked(PmdSlot target, PmdSlot source, LeafTable deposit) {
    if (!source.isHuge()) {
      return Errno.EAGAIN;
    }
    long entry = source.get();
    long shared = entry & ~Pte.WRITE;
    if (!Pte.isPresent(entry)) {
      shared &= ~Pte.EXCLUSIVE;
    } else if (!parent.isHugeZero(entry)) {
      Page head = parent.memory().page(Pte.pfn(entry));
      if (head.isAnonExclusive() && !head.tryShareAnonRmap()) {
        return Errno.EBUSY;
      }
      head.get();
      head.compound().addMapping();
    }
    source.change(shared);
    target.fill(shared, deposit);
    child.rss().setHuge(shared);
    return Errno.OK;
  }
}

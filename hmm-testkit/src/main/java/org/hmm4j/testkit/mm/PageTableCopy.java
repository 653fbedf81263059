// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Copies the entries of a VMA to a child process: {@code copy_page_range}, mm/memory.c, Linux 6.1.
 * {@code write_protect_seq} is left out: it is for pins that take no mmap lock, and there are none.
 */
final class PageTableCopy {

  private final MmContext parent;
  private final MmContext child;
  private final HugeCopy hugeCopy;

  PageTableCopy(MmContext parent, MmContext child) {
    this.parent = parent;
    this.child = child;
    this.hugeCopy = new HugeCopy(parent, child);
  }

  /**
   * Copies what a fault could not bring back. Entries of private memory become read-only on both
   * sides, of which the notifiers of the parent are told. Context: both mmap locks held for write.
   *
   * @param to the VMA of the child
   * @param from that of the parent
   * @return ENOMEM if there is no memory; then a part is copied
   */
  Errno copyPageRange(FakeVma to, FakeVma from) {
    if (!needsCopy(from)) {
      return Errno.OK;
    }
    if (from.hugetlb() != null) {
      return new HugetlbEntries(parent).copy(child, to, from);
    }
    if (!from.isCow()) {
      return copyPmds(to, from);
    }
    MmuNotifierRange range =
        parent.invalidateStart(MmuNotifierEvent.PROTECTION_PAGE, from.start(), from.end());
    try {
      return copyPmds(to, from);
    } finally {
      parent.invalidateEnd(range);
    }
  }

  /** {@code vma_needs_copy}: the entries of a file come back by faults. */
  private static boolean needsCopy(FakeVma from) {
    return (from.flags() & (VmFlags.PFNMAP | VmFlags.MIXEDMAP)) != 0 || from.hasAnonVma();
  }

  /** {@code copy_p4d_range} down to {@code copy_pmd_range}: only where the parent has a table. */
  private Errno copyPmds(FakeVma to, FakeVma from) {
    PageTableTree tables = parent.tables();
    long size = 1L << parent.geometry().pmdShift();
    long next;
    for (long at = tables.firstPopulated(to.start(), to.end());
        at < to.end();
        at = tables.firstPopulated(next, to.end())) {
      next = Math.min((at & -size) + size, to.end());
      Errno error = tables.pmdSlot(at).isHuge() ? hugeCopy.copy(to, from, at) : Errno.EAGAIN;
      if (error == Errno.EAGAIN) {
        error = copyLeaf(to, from, at, next);
      }
      if (error.isError()) {
        return error;
      }
    }
    return Errno.OK;
  }

  private Errno copyLeaf(FakeVma to, FakeVma from, long start, long end) {
    LeafTable leaf = parent.tables().leaf(start);
    if (leaf == null) {
      return Errno.OK;
    }
    if (child.tables().leaf(start) == null && !child.hasMemoryFor("page table")) {
      return Errno.ENOMEM;
    }
    LeafTable copy = child.tables().allocateLeaf(start);
    return new LeafCopy(child, to, from, leaf, copy).copy(start, end);
  }
}

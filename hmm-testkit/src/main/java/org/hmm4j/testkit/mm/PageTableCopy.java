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

  PageTableCopy(MmContext parent, MmContext child) {
    this.parent = parent;
    this.child = child;
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
    if (!from.isCow()) {
      return copyLeaves(to);
    }
    MmuNotifierRange range =
        parent.invalidateStart(MmuNotifierEvent.PROTECTION_PAGE, from.start(), from.end());
    try {
      return copyLeaves(to);
    } finally {
      parent.invalidateEnd(range);
    }
  }

  /** {@code vma_needs_copy}: the entries of a file come back by faults. */
  private static boolean needsCopy(FakeVma from) {
    return (from.flags() & (VmFlags.PFNMAP | VmFlags.MIXEDMAP)) != 0 || from.hasAnonVma();
  }

  /** {@code copy_p4d_range} down to {@code copy_pmd_range}: only where the parent has a table. */
  private Errno copyLeaves(FakeVma vma) {
    PageTableTree tables = parent.tables();
    long leafSize = 1L << parent.geometry().pmdShift();
    long next;
    for (long at = tables.firstLeaf(vma.start(), vma.end());
        at < vma.end();
        at = tables.firstLeaf(next, vma.end())) {
      next = Math.min((at & -leafSize) + leafSize, vma.end());
      if (child.tables().leaf(at) == null && !child.hasMemoryFor("page table")) {
        return Errno.ENOMEM;
      }
      LeafTable to = child.tables().allocateLeaf(at);
      Errno error = new LeafCopy(child, vma, tables.leaf(at), to).copy(at, next);
      if (error.isError()) {
        return error;
      }
    }
    return Errno.OK;
  }
}

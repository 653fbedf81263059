// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.VmFlags;

/** What a process says about its memory: mm/madvise.c, Linux 6.1. */
final class Advice {

  private final MmContext context;
  private final VmaMerging merging;
  private final Unmapping unmapping;

  Advice(MmContext context, VmaMerging merging, Unmapping unmapping) {
    this.context = context;
    this.merging = merging;
    this.unmapping = unmapping;
  }

  /** Takes the part of a VMA that the advice is about. */
  private interface Visitor {
    Errno visit(FakeVma vma, long start, long end);
  }

  /** {@code madvise_walk_vmas}: holes are passed over, and reported at the end. */
  private Errno walk(long start, long end, Visitor visitor) {
    Errno error = Errno.OK;
    long at = start;
    while (Long.compareUnsigned(at, end) < 0) {
      FakeVma vma = context.vmas().find(at);
      if (vma == null || Long.compareUnsigned(vma.start(), end) >= 0) {
        return Errno.ENOMEM;
      }
      if (at < vma.start()) {
        error = Errno.ENOMEM;
        at = vma.start();
      }
      long partEnd = Long.compareUnsigned(vma.end(), end) < 0 ? vma.end() : end;
      Errno visited = visitor.visit(vma, at, partEnd);
      if (visited != Errno.OK) {
        return visited;
      }
      at = partEnd;
    }
    return error;
  }

  /** {@code madvise_dontneed_free}. Context: mmap lock held for read. */
  Errno dontneed(long start, long end) {
    return walk(start, end, this::dontneed);
  }

  private Errno dontneed(FakeVma vma, long start, long end) {
    if ((vma.flags() & VmFlags.PFNMAP) != 0) {
      return Errno.EINVAL;
    }
    if (vma.hugetlb() == null) {
      unmapping.zapPageRange(vma, start, end);
      return Errno.OK;
    }
    return dontneedHugetlb(vma, start, end);
  }

  /** {@code madvise_dontneed_free_valid_vma}: whole huge pages only, rather too few. */
  private Errno dontneedHugetlb(FakeVma vma, long start, long end) {
    if (!context.isHugeAligned(start)) {
      return Errno.EINVAL;
    }
    long wholeEnd = context.pmdSplitting().pmdStart(end);
    if (start < wholeEnd) {
      unmapping.zapPageRange(vma, start, wholeEnd);
    }
    return Errno.OK;
  }

  /** {@code hugepage_madvise} with {@code MADV_HUGEPAGE}. Context: mmap lock held for write. */
  Errno hugepage(long start, long end) {
    return walk(
        start,
        end,
        (vma, from, to) ->
            update(vma, from, to, vma.flags() & ~VmFlags.NOHUGEPAGE | VmFlags.HUGEPAGE));
  }

  /** {@code hugepage_madvise} with {@code MADV_NOHUGEPAGE}. Context: mmap lock held for write. */
  Errno nohugepage(long start, long end) {
    return walk(
        start,
        end,
        (vma, from, to) ->
            update(vma, from, to, vma.flags() & ~VmFlags.HUGEPAGE | VmFlags.NOHUGEPAGE));
  }

  /** {@code madvise_update_vma}: advice that is no news cuts nothing. */
  private Errno update(FakeVma vma, long start, long end, long flags) {
    if (flags == vma.flags()) {
      return Errno.OK;
    }
    if (!(context.maySplit(vma, start) && context.maySplit(vma, end))) {
      return Errno.EINVAL;
    }
    FakeVma part = vma.withBorders(start, end).withFlags(flags);
    merging.apply(context.vmas().indexOf(start), part);
    return Errno.OK;
  }
}

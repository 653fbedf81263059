// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import java.util.function.LongUnaryOperator;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/** Changes rights: mm/mprotect.c, Linux 6.1. Context: mmap lock held for write. */
final class ProtectionChange {

  /** What is counted already, or never is. */
  private static final long UNCOUNTED =
      VmFlags.ACCOUNT | VmFlags.WRITE | VmFlags.SHARED | VmFlags.NORESERVE;

  private final MmContext context;
  private final VmaArray vmas;
  private final VmaMerging merging;

  ProtectionChange(MmContext context, VmaMerging merging) {
    this.context = context;
    this.vmas = context.vmas();
    this.merging = merging;
  }

  /** {@code do_mprotect_pkey}, for a range of whole pages that is not empty. */
  Errno mprotect(long start, long end, Prot prot) {
    FakeVma vma = vmas.lookup(start);
    if (vma == null) {
      return Errno.ENOMEM;
    }
    long at = start;
    while (true) {
      long flags = prot.vmFlags() | (vma.flags() & ~Prot.ACCESS_FLAGS);
      if ((flags & ~(flags >> 4) & Prot.ACCESS_FLAGS) != 0) {
        return Errno.EACCES;
      }
      long partEnd = Long.compareUnsigned(vma.end(), end) < 0 ? vma.end() : end;
      FakeVma changed = fixup(vma, at, partEnd, flags);
      at = Math.max(partEnd, changed.end());
      if (Long.compareUnsigned(at, end) >= 0) {
        return Errno.OK;
      }
      vma = vmas.find(at);
      if (vma == null || vma.start() != at) {
        return Errno.ENOMEM;
      }
    }
  }

  /**
   * {@code mprotect_fixup}: gives a part of a VMA other flags. Returns the VMA that holds it then.
   */
  private FakeVma fixup(FakeVma vma, long start, long end, long wantedFlags) {
    if (wantedFlags == vma.flags()) {
      return vma;
    }
    long flags = wantedFlags;
    boolean accounted = (vma.flags() & UNCOUNTED) != 0;
    if ((flags & VmFlags.WRITE) != 0 && !accounted) {
      flags |= VmFlags.ACCOUNT;
    }
    List<FakeVma> layout = vmas.list();
    FakeVma part = vma.withBorders(start, end).withFlags(flags);
    int index = vmas.indexOf(start);
    if (!merging.absorb(index, part)) {
      carveOut(index, part);
    }
    boolean done = false;
    try {
      change(start, end, old -> entry(part, old));
      done = true;
    } finally {
      if (!done) {
        // A notifier threw. Nobody could fault meanwhile, so going back needs no invalidation.
        vmas.restore(layout);
        context
            .tables()
            .forEachLeaf(
                start, end, (leaf, from, to) -> change(leaf, from, to, old -> entry(vma, old)));
      }
    }
    return vmas.find(start);
  }

  /** Two times {@code split_vma}. */
  private void carveOut(int index, FakeVma part) {
    FakeVma vma = vmas.get(index);
    int at = index;
    if (vma.start() < part.start()) {
      vmas.split(at++, part.start());
    }
    if (part.end() < vma.end()) {
      vmas.split(at, part.end());
    }
    vmas.replace(at, at + 1, part);
  }

  /**
   * Changes the entries of a part of a VMA: {@code change_protection}, over the entries of the
   * third level. Context: mmap lock held in any mode.
   *
   * @param change tells what becomes of an entry that is not empty; called under the lock of its
   *     table
   */
  void change(long start, long end, LongUnaryOperator change) {
    long size = 1L << context.geometry().pudShift();
    long next;
    for (long at = start; at < end; at = next) {
      next = Math.min((at & -size) + size, end);
      changePmds(at, next, change);
    }
  }

  /**
   * {@code change_pmd_range}: tells the notifiers from the first leaf table on, if there is one.
   */
  private void changePmds(long start, long end, LongUnaryOperator change) {
    long first = context.tables().firstLeaf(start, end);
    if (first == end) {
      return;
    }
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.PROTECTION_VMA, first, end);
    try {
      context.tables().forEachLeaf(first, end, (leaf, from, to) -> change(leaf, from, to, change));
    } finally {
      context.invalidateEnd(range);
    }
  }

  /** {@code change_pte_range}. */
  private void change(LeafTable leaf, long start, long end, LongUnaryOperator change) {
    int first = context.geometry().pteIndex(start);
    int count = (int) (context.pageNumber(end) - context.pageNumber(start));
    leaf.lock().lock();
    try {
      for (int i = first; i < first + count; i++) {
        long old = leaf.get(i);
        long changed = old == Pte.NONE ? old : change.applyAsLong(old);
        if (changed != old) {
          leaf.set(i, changed);
        }
      }
    } finally {
      leaf.lock().unlock();
    }
  }

  /** Returns the entry with the rights that the VMA gives. */
  private long entry(FakeVma vma, long old) {
    if (!Pte.isPresent(old)) {
      return notPresent(old);
    }
    long entry = (old & ~PageProtection.BITS) | PageProtection.of(vma);
    return canBecomeWritable(vma, entry) ? entry | Pte.WRITE : entry;
  }

  /**
   * A page in migration comes back read-only, to be on the safe side, and so does one that a device
   * has; other entries do not know of rights.
   */
  static long notPresent(long old) {
    long kind = Pte.kind(old);
    boolean knowsOfRights =
        kind == Pte.MIGRATION || kind == Pte.DEVICE_PRIVATE || kind == Pte.DEVICE_EXCLUSIVE;
    return knowsOfRights ? old & ~Pte.WRITE : old;
  }

  /** {@code can_change_pte_writable}, for private memory; shared entries have the right already. */
  private boolean canBecomeWritable(FakeVma vma, long entry) {
    if (!vma.isWritable() || vma.isShared() || (entry & Pte.DIRTY) == 0) {
      return false;
    }
    Page page = context.normalPage(entry);
    return page != null && page.isAnonymous() && page.isAnonExclusive();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/** Changes rights: mm/mprotect.c, Linux 6.1. Context: mmap lock held for write. */
final class ProtectionChange {

  /** What is counted already, or never is. */
  private static final long UNCOUNTED =
      VmFlags.ACCOUNT | VmFlags.WRITE | VmFlags.HUGETLB | VmFlags.SHARED | VmFlags.NORESERVE;

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
      if (flags != vma.flags() && !(context.maySplit(vma, at) && context.maySplit(vma, partEnd))) {
        return Errno.EINVAL;
      }
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
    merging.apply(vmas.indexOf(start), part);
    boolean done = false;
    try {
      change(part, start, end, new Rights(part));
      done = true;
    } finally {
      if (!done) {
        // A notifier threw. Nobody could fault meanwhile, so going back needs no invalidation.
        vmas.restore(layout);
        EntryChange before = new Rights(vma);
        context.tables().forEachPmd(start, end, (pmd, from, to) -> undo(pmd, from, to, before));
      }
    }
    return vmas.find(start);
  }

  private void undo(PmdSlot pmd, long start, long end, EntryChange before) {
    if (!changeHuge(pmd, before)) {
      change(pmd.leaf(), start, end, before);
    }
  }

  /**
   * Changes the entries of a part of a VMA: {@code change_protection}, over the entries of the
   * third level. Context: mmap lock held in any mode.
   *
   * @param change tells what becomes of an entry that is not empty
   */
  void change(FakeVma vma, long start, long end, EntryChange change) {
    if (vma.hugetlb() != null) {
      new HugetlbEntries(context).change(start, end, change);
      return;
    }
    context.tables().pudSplitting().clearBad(start, end);
    long size = 1L << context.geometry().pudShift();
    long next;
    for (long at = start; at < end; at = next) {
      next = Math.min((at & -size) + size, end);
      changePmds(vma, at, next, change);
    }
  }

  /**
   * {@code change_pmd_range}: tells the notifiers from the first pmd that is not empty on, if there
   * is one.
   */
  private void changePmds(FakeVma vma, long start, long end, EntryChange change) {
    long first = context.tables().firstPopulated(start, end);
    if (first == end) {
      return;
    }
    MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.PROTECTION_VMA, first, end);
    try {
      context
          .tables()
          .forEachPmd(first, end, (pmd, from, to) -> changePmd(vma, pmd, from, to, change));
    } finally {
      context.invalidateEnd(range);
    }
  }

  /** One step of {@code change_pmd_range}: a huge entry that changes in part is split. */
  private void changePmd(FakeVma vma, PmdSlot pmd, long start, long end, EntryChange change) {
    PmdSplitting splitting = context.pmdSplitting();
    if (pmd.isHuge()) {
      if (end - start != splitting.pmdSize()) {
        splitting.split(vma, start);
      } else if (changeHuge(pmd, change)) {
        return;
      }
    }
    LeafTable leaf = pmd.leaf();
    if (leaf != null) {
      change(leaf, start, end, change);
    }
  }

  /** {@code change_huge_pmd}, mm/huge_memory.c; false if it is no huge entry (any more). */
  private static boolean changeHuge(PmdSlot pmd, EntryChange change) {
    pmd.lock().lock();
    try {
      if (pmd.isHuge()) {
        pmd.change(change.pmd(pmd.get()));
      }
      return pmd.isHuge();
    } finally {
      pmd.lock().unlock();
    }
  }

  /** {@code change_pte_range}. */
  private void change(LeafTable leaf, long start, long end, EntryChange change) {
    int first = context.geometry().pteIndex(start);
    int count = (int) (context.pageNumber(end) - context.pageNumber(start));
    leaf.lock().lock();
    try {
      for (int i = first; i < first + count; i++) {
        long old = leaf.get(i);
        long changed = old == Pte.NONE ? old : change.pte(old);
        if (changed != old) {
          leaf.set(i, changed);
        }
      }
    } finally {
      leaf.lock().unlock();
    }
  }

  /** What becomes of entries. Called under the lock of the entry. */
  interface EntryChange {

    /** Returns the new entry of a page. */
    long pte(long old);

    /** Returns the new huge entry. */
    long pmd(long old);
  }

  /** Gives entries the rights of a VMA. */
  private final class Rights implements EntryChange {

    private final FakeVma vma;

    Rights(FakeVma vma) {
      this.vma = vma;
    }

    @Override
    public long pte(long old) {
      long entry = pmd(old);
      return Pte.isPresent(old) && canBecomeWritable(vma, entry) ? entry | Pte.WRITE : entry;
    }

    /** A huge entry becomes writable only by a fault. */
    @Override
    public long pmd(long old) {
      if (!Pte.isPresent(old)) {
        return notPresent(old);
      }
      return (old & ~PageProtection.BITS) | PageProtection.of(vma);
    }
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

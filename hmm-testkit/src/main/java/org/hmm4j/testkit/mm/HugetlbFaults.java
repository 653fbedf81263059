// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Faults on private hugetlb mappings: {@code hugetlb_fault}, {@code hugetlb_no_page}, {@code
 * hugetlb_wp}, mm/hugetlb.c, Linux 6.1. Context: mmap lock held for read; faults run in parallel
 * and look again at the entry under its lock before they change it.
 */
final class HugetlbFaults {

  private final MmContext context;
  private final AnonVmaPreparation preparation;

  HugetlbFaults(MmContext context, AnonVmaPreparation preparation) {
    this.context = context;
    this.preparation = preparation;
  }

  int serve(FakeVma vma, long address, int flags) {
    long start = context.pmdSplitting().pmdStart(address);
    context.tables().allocateUpper(start);
    PmdSlot slot = context.tables().pmdSlot(start);
    long entry = slot.get();
    boolean write = (flags & FaultFlags.WRITE) != 0;
    if (entry == Pte.NONE) {
      return create(vma, start, slot, write);
    }
    if ((flags & (FaultFlags.WRITE | FaultFlags.UNSHARE)) != 0 && !Pte.isWritable(entry)) {
      return makeWritable(vma, start, slot, entry, write);
    }
    return 0;
  }

  /** {@code hugetlb_no_page}: there is no zero page; a write goes on as one to a read-only page. */
  private int create(FakeVma vma, long start, PmdSlot slot, boolean write) {
    if (vma.hugetlb().isRobbed()) {
      return VmFault.SIGBUS;
    }
    CompoundPage page = vma.hugetlb().allocate(vma.hugeIndex(start));
    if (page == null) {
      return VmFault.SIGBUS;
    }
    preparation.prepare(vma);
    long entry = PageProtection.entry(page.head(), vma) | Pte.HUGE;
    if (!fill(vma, start, slot, entry, page)) {
      context.memory().put(page.head());
      return 0;
    }
    return write ? makeWritable(vma, start, slot, entry, true) : 0;
  }

  private boolean fill(FakeVma vma, long start, PmdSlot slot, long entry, CompoundPage page) {
    slot.lock().lock();
    try {
      if (slot.get() != Pte.NONE) {
        return false;
      }
      page.addAnonMapping(vma.anonVma(), vma.pageOffset(start), true);
      slot.fill(entry, null);
      return true;
    } finally {
      slot.lock().unlock();
    }
  }

  /** {@code hugetlb_wp}: who maps the page alone keeps it. */
  private int makeWritable(FakeVma vma, long start, PmdSlot slot, long entry, boolean write) {
    Page old = context.memory().page(Pte.pfn(entry));
    slot.lock().lock();
    try {
      if (slot.get() != entry || tryReuse(vma, slot, entry, old, write)) {
        return 0;
      }
      old.get();
    } finally {
      slot.lock().unlock();
    }
    try {
      return copy(vma, start, slot, entry, old, write);
    } finally {
      context.memory().put(old);
    }
  }

  private static boolean tryReuse(FakeVma vma, PmdSlot slot, long entry, Page page, boolean write) {
    if (page.mapCount() != 1) {
      return false;
    }
    if (!page.isAnonExclusive()) {
      page.moveAnonRmap(vma.anonVma());
    }
    if (write) {
      slot.change(PageProtection.written(entry, vma));
    }
    return true;
  }

  private int copy(FakeVma vma, long start, PmdSlot slot, long entry, Page old, boolean write) {
    CompoundPage fresh = vma.hugetlb().allocateCopy();
    if (fresh == null) {
      if (!vma.hugetlb().isOwner()) {
        return VmFault.SIGBUS;
      }
      // The fault comes again, and finds the page mapped once.
      new HugetlbRobbery(context).takeFromChildren(old);
      return 0;
    }
    preparation.prepare(vma);
    fresh.copyFrom(old.compound());
    long end = start + context.pmdSplitting().pmdSize();
    boolean used = false;
    try {
      MmuNotifierRange range = context.invalidateStart(MmuNotifierEvent.CLEAR, start, end);
      try {
        used = exchange(vma, start, slot, entry, fresh, write);
      } finally {
        context.invalidateEnd(range);
      }
    } finally {
      if (!used) {
        context.memory().put(fresh.head());
      }
    }
    return 0;
  }

  private boolean exchange(
      FakeVma vma, long start, PmdSlot slot, long entry, CompoundPage fresh, boolean write) {
    slot.lock().lock();
    try {
      if (slot.get() != entry) {
        return false;
      }
      long mapped = PageProtection.entry(fresh.head(), vma) | Pte.HUGE;
      fresh.addAnonMapping(vma.anonVma(), vma.pageOffset(start), true);
      slot.change(write ? PageProtection.written(mapped, vma) : mapped);
      context.unmapHugeEntry(entry);
      return true;
    } finally {
      slot.lock().unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.RwSemaphore;

/**
 * Gives a VMA its anon_vma before it gets the first page of its own: {@code anon_vma_prepare},
 * mm/rmap.c, Linux 6.1. The memory for it never runs out.
 */
final class AnonVmaPreparation {

  private final MmContext context;
  private final VmaMerging merging;

  AnonVmaPreparation(MmContext context, VmaMerging merging) {
    this.context = context;
    this.merging = merging;
  }

  /** Context: mmap lock held in any mode; may sleep. */
  void prepare(FakeVma vma) {
    context.kernel().context().mightSleep();
    if (vma.hasAnonVma()) {
      return;
    }
    AnonVma anonVma = merging.findMergeableAnonVma(vma);
    AnonVma fresh = null;
    if (anonVma == null) {
      fresh = AnonVma.root(context.kernel().allocations().track("anon_vma"));
      anonVma = fresh;
    }
    if (!set(vma, anonVma) && fresh != null) {
      fresh.discard();
    }
  }

  /** Returns false if another task was first. */
  private boolean set(FakeVma vma, AnonVma anonVma) {
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    try {
      if (vma.hasAnonVma()) {
        return false;
      }
      context.mm().pageTableLock().lock();
      vma.anonVma(anonVma);
      context.mm().pageTableLock().unlock();
      context.reverseMap().linkAnon(context, vma);
      return true;
    } finally {
      lock.writeUnlock();
    }
  }
}

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
    if (anonVma == null) {
      anonVma = new AnonVma();
    }
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    context.mm().pageTableLock().lock();
    if (!vma.hasAnonVma()) {
      vma.anonVma(anonVma);
    }
    context.mm().pageTableLock().unlock();
    lock.writeUnlock();
  }
}

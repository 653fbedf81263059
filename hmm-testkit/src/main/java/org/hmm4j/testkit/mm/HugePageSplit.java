// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.RwSemaphore;

/**
 * Makes many pages of a huge one: {@code split_huge_page_to_list}, mm/huge_memory.c, Linux 6.1.
 * Works for all address spaces that map it, however they do.
 */
final class HugePageSplit {

  private final PhysicalMemory memory;
  private final PageUnmapping unmapping;
  private final MigrationEntries migrationEntries;

  HugePageSplit(PhysicalMemory memory) {
    this.memory = memory;
    this.unmapping = new PageUnmapping(memory.reverseMap());
    this.migrationEntries = new MigrationEntries(memory.reverseMap());
  }

  /**
   * Splits the huge page that a page is a part of. Lock and reference are those of the given part
   * afterwards; parts that nobody maps are freed. Context: page locked, and the caller has a
   * reference; may sleep; not under the lock of the reverse map.
   *
   * @return false, with all as it was, if somebody else has a reference, which could be a pin
   */
  boolean split(Page page) {
    CompoundPage huge = page.compound();
    if (!page.isAnonymous()) {
      return false;
    }
    RwSemaphore lock = memory.reverseMap().lock();
    lock.writeLock();
    try {
      if (!splitLocked(huge)) {
        return false;
      }
    } finally {
      lock.writeUnlock();
    }
    for (int i = 0; i < huge.pages(); i++) {
      Page part = huge.page(i);
      if (part != page) {
        memory.unlockPage(part);
        memory.put(part);
      }
    }
    return true;
  }

  private boolean splitLocked(CompoundPage huge) {
    Page head = huge.head();
    if (huge.totalMapCount() != head.refCount() - 1) {
      return false;
    }
    boolean alone = false;
    try {
      unmap(huge);
      alone = head.references().freeze(1);
    } finally {
      if (!alone) {
        migrationEntries.removeLocked(head, head);
      }
    }
    if (!alone) {
      return false;
    }
    memory.huge().split(huge);
    for (int i = 0; i < huge.pages(); i++) {
      migrationEntries.removeLocked(huge.page(i), huge.page(i));
    }
    return true;
  }

  /** {@code unmap_folio}: {@code try_to_migrate} with {@code TTU_SPLIT_HUGE_PMD}. */
  private void unmap(CompoundPage huge) {
    Page head = huge.head();
    memory
        .reverseMap()
        .walkLocked(
            head,
            (mm, vma, address) -> {
              if (mm.tables().pmdSlot(address) != null) {
                mm.pmdSplitting().freeze(vma, address, huge);
              }
              return unmapping.unmapOne(
                  mm,
                  vma,
                  address,
                  head,
                  (part, entry) -> MigrationEntries.of(memory, part, entry));
            },
            () -> head.totalMapCount() == 0);
  }
}

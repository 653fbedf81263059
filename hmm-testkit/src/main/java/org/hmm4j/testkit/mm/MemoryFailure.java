// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;

/**
 * Takes a page with a memory error away: {@code memory_failure}, {@code hwpoison_user_mappings},
 * mm/memory-failure.c, Linux 6.1. Context: no spin lock held; the mmap lock is not needed.
 */
final class MemoryFailure {

  private final MmContext context;
  private final PageUnmapping unmapping;

  MemoryFailure(MmContext context, PageUnmapping unmapping) {
    this.context = context;
    this.unmapping = unmapping;
  }

  /** Poisons the page at an address, whose frame is never used again. Returns false if none is. */
  boolean fail(long address) {
    Page page = context.isolate(address);
    if (page == null) {
      return false;
    }
    PhysicalMemory memory = context.memory();
    if (page.compound() != null && !trySplit(page)) {
      memory.put(page);
      return false;
    }
    if (!memory.poison(page)) {
      memory.put(page);
      return false;
    }
    memory.lockPage(page);
    try {
      memory.swap().freeUnusedCache(page);
      unmapping.unmap(page, (part, entry) -> Pte.nonPresent(Pte.HWPOISON, Pte.pfn(entry)));
    } finally {
      memory.swap().unlockPage(page);
    }
    return page.mapCount() == 0;
  }

  /** {@code try_to_split_thp_page}: only the bad part is lost. */
  private boolean trySplit(Page page) {
    context.memory().lockPage(page);
    try {
      return new HugePageSplit(context.memory()).split(page);
    } finally {
      context.memory().unlockPage(page);
    }
  }
}

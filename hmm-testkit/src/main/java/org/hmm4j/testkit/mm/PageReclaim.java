// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.mm.Pte;

/**
 * Reclaim of single pages: {@code shrink_page_list}, mm/vmscan.c, Linux 6.1. Knows no order of age;
 * which page goes is told by the caller. Context: no spin lock held; the mmap lock is not needed.
 */
final class PageReclaim {

  private final MmContext context;
  private final PageUnmapping unmapping;

  PageReclaim(MmContext context, PageUnmapping unmapping) {
    this.context = context;
    this.unmapping = unmapping;
  }

  /** Reclaims the page at an address. Returns true if no entry maps it any more. */
  boolean reclaim(long address) {
    Page page = context.isolate(address);
    if (page == null) {
      return false;
    }
    try {
      return reclaimEntered(page);
    } finally {
      context.memory().put(page);
    }
  }

  /** What must not be done in reclaim, and what reclaim may wait for, is known to lockdep. */
  private boolean reclaimEntered(Page page) {
    PseudoLock fsReclaim = context.kernel().lockdep().fsReclaim();
    fsReclaim.acquire();
    try {
      return page.lock().tryLock() && reclaimLocked(page);
    } finally {
      fsReclaim.release();
    }
  }

  private boolean reclaimLocked(Page page) {
    SwapArea swap = context.memory().swap();
    PseudoLock pageLock = context.kernel().lockdep().pageLock();
    pageLock.tryAcquire();
    try {
      if (page.compound() != null && !new HugePageSplit(context.memory()).split(page)) {
        // No area has slots in a row: add_to_swap fails, and what can't be split stays.
        return false;
      }
      if (page.isAnonymous()) {
        swapOut(page, swap);
      } else {
        unmapping.unmap(page, (part, entry) -> Pte.NONE);
      }
      return page.mapCount() == 0;
    } finally {
      pageLock.release();
      swap.freeUnusedCache(page);
      swap.unlockPage(page);
    }
  }

  /**
   * {@code add_to_swap}, {@code try_to_unmap}, {@code pageout}, {@code __remove_mapping}. A page
   * that somebody else has a reference to stays in the swap cache, where the next fault finds it.
   */
  private void swapOut(Page page, SwapArea swap) {
    if (page.swapSlot() == SwapArea.NO_SLOT && !swap.add(page)) {
      return;
    }
    int slot = page.swapSlot();
    unmapping.unmap(
        page,
        (part, entry) -> {
          boolean exclusive = page.isAnonExclusive();
          if (exclusive && !page.tryShareAnonRmap()) {
            return entry;
          }
          swap.duplicate(slot);
          return Pte.nonPresent(exclusive ? Pte.SWAP | Pte.EXCLUSIVE : Pte.SWAP, slot);
        });
    if (page.mapCount() == 0) {
      swap.write(page);
      swap.remove(page);
    }
  }
}

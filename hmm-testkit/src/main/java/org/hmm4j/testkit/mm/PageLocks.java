// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** Waits for the locks of pages: the {@code page_wait_table} of mm/filemap.c, Linux 6.1. */
final class PageLocks {

  private final PseudoLock order;
  private final WaitQueue queue;
  private final Tracer tracer;

  PageLocks(Kernel kernel) {
    this.order = kernel.lockdep().pageLock();
    this.queue = kernel.waitQueue("page_wait_table");
    this.tracer = kernel.tracer();
  }

  /**
   * {@code lock_page}, include/linux/pagemap.h. Context: may sleep; the caller has a reference.
   * Order: under mmap_lock, above anon_vma->rwsem.
   */
  void lock(Page page) {
    order.mightLock();
    queue.waitEvent(() -> page.lock().tryLock() || contended(page));
  }

  /** {@code unlock_page}, mm/filemap.c. Any context. */
  void unlock(Page page) {
    page.lock().clear();
    queue.wakeAll();
  }

  /** {@code wait_on_page_locked}: needs no reference. Context: may sleep. */
  void waitUnlocked(Page page) {
    order.mightLock();
    queue.waitEvent(() -> !page.lock().isLocked() || contended(page));
  }

  /**
   * Who waits for a page that is free would wait for ever: {@code PAGE_FLAGS_CHECK_AT_FREE}, {@code
   * free_page_is_bad}, mm/page_alloc.c. A device page is locked again by {@code
   * zone_device_page_init}, which would wait, too.
   */
  void checkFree(Page page) {
    if (page.lock().isLocked()) {
      throw new KernelBug(Rule.STILL_IN_USE, page + " becomes free and is locked");
    }
  }

  /** Reports that a page is locked, if anybody listens; always false. */
  private boolean contended(Page page) {
    if (tracer != null) {
      tracer.report(TracePoint.LOCK_CONTENDED, page);
    }
    return false;
  }
}

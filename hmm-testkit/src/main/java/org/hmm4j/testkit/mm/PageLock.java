// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** The lock bit of a page: {@code PG_locked}. Not bound to a task. */
final class PageLock {

  private final Page page;
  private final Tracer tracer;
  private final AtomicBoolean locked = new AtomicBoolean();

  /** Makes a free one. The tracer may be null. */
  PageLock(Page page, Tracer tracer) {
    this.page = page;
    this.tracer = tracer;
  }

  /** {@code trylock_page}, include/linux/pagemap.h. */
  boolean tryLock() {
    boolean taken = !locked.get() && locked.compareAndSet(false, true);
    if (taken && tracer != null) {
      tracer.report(TracePoint.LOCK_ACQUIRED, page);
    }
    return taken;
  }

  /** {@code PageLocked}. */
  boolean isLocked() {
    return locked.get();
  }

  /** Half of {@link PageLocks#unlock}. */
  void clear() {
    if (tracer != null) {
      tracer.report(TracePoint.LOCK_RELEASED, page);
    }
    if (!locked.getAndSet(false)) {
      throw new KernelBug(Rule.BAD_UNLOCK, "unlock of " + page + ", which is not locked");
    }
  }
}

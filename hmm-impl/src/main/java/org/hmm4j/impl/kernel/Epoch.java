// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The read sections of an SRCU domain that began between two grace periods, counted: one of the
 * {@code srcu_lock_count} pairs of {@code struct srcu_data}, include/linux/srcutree.h.
 *
 * <p>The count is spread over stripes by task, so that readers don't share a cache line. A section
 * is left by the task that entered it and hence on the same stripe; so no stripe is ever negative,
 * and a stripe that was seen at zero has no open section. That makes it right to look at one stripe
 * after the other.
 */
final class Epoch {

  /** A power of two. */
  private static final int STRIPES = 8;

  private static final int LONGS_PER_CACHE_LINE = 8;

  private static final VarHandle OPEN = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle NEXT;

  static {
    try {
      NEXT = MethodHandles.lookup().findVarHandle(Epoch.class, "next", Epoch.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EpochSrcu domain;
  private final long number;
  private final long[] open = new long[STRIPES * LONGS_PER_CACHE_LINE];
  private volatile Epoch next;

  Epoch(EpochSrcu domain, long number) {
    this.domain = domain;
    this.number = number;
  }

  EpochSrcu domain() {
    return domain;
  }

  long number() {
    return number;
  }

  /** Returns what {@code srcu_read_lock} answers in this epoch. */
  int index() {
    return (int) number;
  }

  void enter(int taskId) {
    OPEN.getAndAdd(open, slot(taskId), 1L);
  }

  void leave(int taskId) {
    OPEN.getAndAdd(open, slot(taskId), -1L);
  }

  /**
   * Returns whether all sections are closed that were open at the call. New ones may have been
   * opened meanwhile, unless the epoch has ended.
   */
  boolean isEmpty() {
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      if ((long) OPEN.getVolatile(open, slot(stripe)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the epoch after this one; makes it first if there is none. */
  Epoch successor() {
    if (next == null) {
      NEXT.compareAndSet(this, null, new Epoch(domain, number + 1));
    }
    return next;
  }

  private static int slot(int taskId) {
    return (taskId & STRIPES - 1) * LONGS_PER_CACHE_LINE;
  }

  @Override
  public String toString() {
    return domain + " index " + index();
  }
}

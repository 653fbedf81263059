// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;

/**
 * A leaf page table and the lock over its entries: {@code pte_lockptr} with split locks,
 * include/linux/mm.h, 6.1. Entries are read without the lock by who re-checks later.
 */
final class LeafTable {

  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final SpinLock lock;

  @GuardedBy("lock to write")
  private final long[] entries;

  /** Is told of changes, or null. */
  private final EntryTrace trace;

  /**
   * Makes an empty table.
   *
   * @param trace is told of changes, or null
   */
  LeafTable(int size, SpinLock lock, EntryTrace trace) {
    this.entries = new long[size];
    this.lock = lock;
    this.trace = trace;
  }

  SpinLock lock() {
    return lock;
  }

  /** Returns the entries themselves, for readers without the lock. */
  long[] entries() {
    return entries;
  }

  long get(int index) {
    return (long) ENTRY.getAcquire(entries, index);
  }

  /** {@code set_pte_at}: what was written to the page before is seen by who sees the entry. */
  void set(int index, long entry) {
    lock.assertHeld();
    if (trace != null) {
      trace.changed(index, entries[index], entry);
    }
    ENTRY.setRelease(entries, index, entry);
  }

  /** Says that the table maps other addresses from now on. Context: the lock held. */
  void moved(long to) {
    if (trace != null) {
      trace.moved(entries, to);
    }
  }
}

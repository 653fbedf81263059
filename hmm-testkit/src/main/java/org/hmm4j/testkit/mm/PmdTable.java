// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.Pte;

/**
 * A table of the second level and the lock over its entries: {@code pmd_lockptr} with split locks,
 * include/linux/mm.h, 6.1. An entry is null, a {@link LeafTable}, or a {@link HugeEntry}. Entries
 * are read without the lock by who re-checks later.
 */
final class PmdTable {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final SpinLock lock;

  @GuardedBy("lock to write")
  private final Object[] slots;

  /** Is told of changes of huge entries, or null. */
  private final EntryTrace trace;

  PmdTable(int size, SpinLock lock, EntryTrace trace) {
    this.slots = new Object[size];
    this.lock = lock;
    this.trace = trace;
  }

  /**
   * A leaf of the second level.
   *
   * @param entry the entry, in the format of {@link org.hmm4j.mm.Pte}
   * @param deposit the table that a split puts in its place: {@code pgtable_trans_huge_deposit};
   *     null where a split leaves nothing
   */
  record HugeEntry(long entry, LeafTable deposit) {}

  SpinLock lock() {
    return lock;
  }

  private static long huge(Object slot) {
    return slot instanceof HugeEntry huge ? huge.entry() : Pte.NONE;
  }

  Object get(int index) {
    return SLOT.getAcquire(slots, index);
  }

  void set(int index, Object entry) {
    lock.assertHeld();
    if (trace != null) {
      trace.changed(index, huge(slots[index]), huge(entry));
    }
    SLOT.setRelease(slots, index, entry);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.mm.PmdTable.HugeEntry;

/**
 * Where an entry of the second level is: {@code pmd_t *}.
 *
 * @param table its table
 * @param index its place there
 */
record PmdSlot(PmdTable table, int index) {

  SpinLock lock() {
    return table.lock();
  }

  /** Returns the entry; {@link Pte#TABLE} if it points to a leaf table. */
  long get() {
    Object entry = table.get(index);
    if (entry instanceof HugeEntry huge) {
      return huge.entry();
    }
    return entry == null ? Pte.NONE : Pte.TABLE;
  }

  /** {@code pmd_trans_huge}, {@code pmd_devmap}, {@code is_swap_pmd}: it is a leaf. */
  boolean isHuge() {
    return table.get(index) instanceof HugeEntry;
  }

  /** Returns the table that it points to, or null. */
  LeafTable leaf() {
    return table.get(index) instanceof LeafTable leaf ? leaf : null;
  }

  /** Returns the table that was deposited with a huge entry, or null. Context: lock held. */
  LeafTable deposit() {
    return ((HugeEntry) table.get(index)).deposit();
  }

  /** {@code set_pmd_at} over an empty entry. Context: lock held. */
  void fill(long entry, LeafTable deposit) {
    table.set(index, new HugeEntry(entry, deposit));
  }

  /** {@code set_pmd_at} over a huge entry; what was deposited stays. Context: lock held. */
  void change(long entry) {
    fill(entry, deposit());
  }

  /** {@code pmd_populate}. Context: lock held. */
  void point(LeafTable leaf) {
    table.set(index, leaf);
  }

  /** {@code pmd_clear}. Context: lock held. */
  void clear() {
    table.set(index, null);
  }
}

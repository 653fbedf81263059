// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;

/**
 * Moves entries of the second level to another address that is aligned like theirs: mm/mremap.c,
 * mm/huge_memory.c, Linux 6.1. Context: mmap lock held for write, which orders the two locks of a
 * move; the upper tables of both addresses are there.
 */
final class PmdMoving {

  private static final int SINGLE_DEPTH_NESTING = 1;

  private final PageTableTree tables;

  PmdMoving(PageTableTree tables) {
    this.tables = tables;
  }

  /**
   * Moves a whole leaf table: {@code move_normal_pmd}. Returns false, with nothing moved, if there
   * is a table already. Under the lock of the leaf, so that who holds that and finds the leaf at
   * its address may rely on it.
   */
  boolean moveLeaf(LeafTable leaf, long from, long to) {
    PmdSlot source = tables.pmdSlot(from);
    PmdSlot target = tables.pmdSlot(to);
    lockBoth(source, target);
    try {
      if (target.get() != Pte.NONE) {
        return false;
      }
      leaf.lock().lock();
      try {
        source.clear();
        target.point(leaf);
        leaf.moved(to);
      } finally {
        leaf.lock().unlock();
      }
      return true;
    } finally {
      unlockBoth(source, target);
    }
  }

  /**
   * Moves a huge entry: {@code move_huge_pmd}. Returns false, with nothing moved, if there is a
   * table already.
   */
  boolean moveHuge(long from, long to) {
    PmdSlot source = tables.pmdSlot(from);
    PmdSlot target = tables.pmdSlot(to);
    lockBoth(source, target);
    try {
      if (target.get() != Pte.NONE || !source.isHuge()) {
        return false;
      }
      long entry = source.get();
      LeafTable deposit = source.deposit();
      source.clear();
      target.fill(entry, deposit);
      if (deposit != null) {
        deposit.moved(to);
      }
      return true;
    } finally {
      unlockBoth(source, target);
    }
  }

  private static void lockBoth(PmdSlot source, PmdSlot target) {
    source.lock().lock();
    if (target.lock() != source.lock()) {
      target.lock().lockNested(SINGLE_DEPTH_NESTING);
    }
  }

  private static void unlockBoth(PmdSlot source, PmdSlot target) {
    if (target.lock() != source.lock()) {
      target.lock().unlock();
    }
    source.lock().unlock();
  }
}

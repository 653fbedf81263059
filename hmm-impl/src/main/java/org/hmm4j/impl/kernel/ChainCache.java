// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.GuardedBy;

/**
 * The chains of held lock classes that were found in order, by their 64-bit keys, and where each
 * was seen first: {@code chainhash_table}, kernel/locking/lockdep.c. Two chains with one key would
 * be taken for one; with all chains that there may be, the odds of that are below one in 2 to the
 * 32.
 *
 * <p>An open-addressing table that is looked at without a lock and never shrinks. A reader that
 * misses an entry that is just being added goes the slow way, and looks again under the guard.
 */
final class ChainCache {

  /** The key of the empty chain. */
  static final long EMPTY = 0;

  private static final int FIRST_SIZE = 64;
  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
  private static final VarHandle KEY = MethodHandles.arrayElementVarHandle(long[].class);

  /** Replaced to grow. */
  private volatile Table table = new Table(FIRST_SIZE);

  @GuardedBy("LockValidator.guard")
  private int size;

  /** Returns the key of a chain with one more class; never that of the empty chain. */
  static long extend(long chain, int classId) {
    long key = (chain ^ (classId + 1L)) * GOLDEN;
    key = (key ^ key >>> 32) * GOLDEN;
    key ^= key >>> 29;
    return key == EMPTY ? GOLDEN : key;
  }

  /** Returns whether a chain is known. */
  boolean contains(long chain) {
    Table now = table;
    return now.keyAt(now.slot(chain)) == chain;
  }

  /** Returns where a chain was seen first, or null if it is not known. */
  LockSite site(long chain) {
    Table now = table;
    int slot = now.slot(chain);
    // The site was written before the key.
    return now.keyAt(slot) == chain ? now.sites[slot] : null;
  }

  /** Adds a chain; guard held. */
  void add(long chain, LockSite site) {
    if (2 * (size + 1) > table.keys.length) {
      Table larger = new Table(2 * table.keys.length);
      for (int slot = 0; slot < table.keys.length; slot++) {
        if (table.keys[slot] != EMPTY) {
          larger.put(table.keys[slot], table.sites[slot]);
        }
      }
      table = larger;
    }
    table.put(chain, site);
    size++;
  }

  /** Returns the number of chains; guard held. */
  int size() {
    return size;
  }

  private static final class Table {
    private final long[] keys;
    private final LockSite[] sites;
    private final int mask;

    Table(int size) {
      this.keys = new long[size];
      this.sites = new LockSite[size];
      this.mask = size - 1;
    }

    /** Returns where a key is, or where it would go. The table is never full. */
    int slot(long key) {
      int slot = (int) key & mask;
      for (long found = keyAt(slot); found != key && found != EMPTY; found = keyAt(slot)) {
        slot = slot + 1 & mask;
      }
      return slot;
    }

    long keyAt(int slot) {
      return (long) KEY.getAcquire(keys, slot);
    }

    void put(long key, LockSite site) {
      int slot = slot(key);
      sites[slot] = site;
      KEY.setRelease(keys, slot, key);
    }
  }
}

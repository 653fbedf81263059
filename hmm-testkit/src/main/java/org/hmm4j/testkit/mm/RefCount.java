// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * References to a page: {@code _refcount}, include/linux/page_ref.h, Linux 6.1. Begins with one.
 */
final class RefCount {

  private final AtomicInteger count = new AtomicInteger(1);

  int get() {
    return count.get();
  }

  /** {@code page_ref_add_unless} 0: false if there is none. */
  boolean tryAdd(int references) {
    int old;
    do {
      old = count.get();
      if (old <= 0) {
        return false;
      }
    } while (!count.compareAndSet(old, old + references));
    return true;
  }

  /**
   * Takes references away. Returns how many are left, less than 0 if there were none.
   *
   * @param last called before the last are taken; what it throws keeps them
   */
  int subtract(int references, Runnable last) {
    int old;
    do {
      old = count.get();
      if (old <= 0) {
        return -1;
      }
      if (old == references) {
        last.run();
      }
    } while (!count.compareAndSet(old, old - references));
    return old - references;
  }

  /** {@code page_ref_freeze}: to 0 if there are just so many. */
  boolean freeze(int expected) {
    return count.compareAndSet(expected, 0);
  }

  /** {@code page_ref_unfreeze}, with one. */
  void unfreeze() {
    count.set(1);
  }
}

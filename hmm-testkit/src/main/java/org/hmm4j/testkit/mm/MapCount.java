// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/** How many entries map something: {@code _mapcount}, include/linux/mm_types.h, Linux 6.1. */
final class MapCount {

  private final AtomicInteger count = new AtomicInteger();

  int get() {
    return count.get();
  }

  void increment() {
    count.incrementAndGet();
  }

  /** One entry less; it is a bug if there was none. */
  void decrement(Page page) {
    int old;
    do {
      old = count.get();
      if (old <= 0) {
        throw new KernelBug(Rule.DOUBLE_FREE, "unmapping of " + page + ", which is not mapped");
      }
    } while (!count.compareAndSet(old, old - 1));
  }
}

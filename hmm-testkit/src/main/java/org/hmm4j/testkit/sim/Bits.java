// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** Sets of tasks in a word. */
final class Bits {

  private Bits() {}

  /** Returns the place of the bit that has {@code rank} bits below it. */
  static int nth(long set, int rank) {
    long rest = set;
    for (int i = rank; i > 0; i--) {
      rest &= rest - 1;
    }
    return Long.numberOfTrailingZeros(rest);
  }

  /** Returns the place of the first bit after a place, going round at the end. */
  static int after(long set, int place) {
    long later = place == Long.SIZE - 1 ? 0 : set & -1L << place + 1;
    return Long.numberOfTrailingZeros(later != 0 ? later : set);
  }

  static boolean has(long set, int bit) {
    return (set >>> bit & 1) != 0;
  }
}

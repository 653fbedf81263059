// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** A set of numbers that grows without an object for each. */
final class LongSet {

  private static final int USUAL_SIZE = 1024;

  private long[] slots = new long[USUAL_SIZE];
  private int size;
  private boolean hasZero;

  int size() {
    return hasZero ? size + 1 : size;
  }

  void add(long value) {
    if (value == 0) {
      hasZero = true;
    } else if (insert(value) && 2 * ++size > slots.length) {
      grow();
    }
  }

  void addAll(LongSet other) {
    hasZero |= other.hasZero;
    for (long value : other.slots) {
      if (value != 0) {
        add(value);
      }
    }
  }

  private boolean insert(long value) {
    int mask = slots.length - 1;
    int slot = (int) SplitMix.mix(value) & mask;
    while (slots[slot] != 0) {
      if (slots[slot] == value) {
        return false;
      }
      slot = slot + 1 & mask;
    }
    slots[slot] = value;
    return true;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[2 * old.length];
    for (long value : old) {
      if (value != 0) {
        insert(value);
      }
    }
  }
}

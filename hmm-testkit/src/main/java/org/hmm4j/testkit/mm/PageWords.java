// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** The contents of a page, as far as they are kept. */
final class PageWords {

  private final AtomicIntegerArray words;

  PageWords(int count) {
    this.words = new AtomicIntegerArray(count);
  }

  int get(int index) {
    return words.get(index);
  }

  void set(int index, int value) {
    words.set(index, value);
  }

  /** Returns a copy of all. */
  int[] all() {
    int[] copy = new int[words.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = words.get(i);
    }
    return copy;
  }

  /** Replaces all. */
  void all(int[] values) {
    for (int i = 0; i < values.length; i++) {
      words.set(i, values[i]);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.ArrayList;
import java.util.List;

/**
 * What was written to a page of one process, and when. A read that is over must have seen a write
 * that no other one has replaced before the read began: each page is a register that can be
 * linearized. Each write has a value of its own.
 */
final class PageHistory {

  private static final int STILL = Integer.MAX_VALUE;

  /** A write, from when to when it may have taken effect. */
  private static final class Write {
    private final int value;
    private final int begun;
    private int ended = STILL;

    Write(int value, int begun) {
      this.value = value;
      this.begun = begun;
    }
  }

  private final List<Write> writes = new ArrayList<>();

  private PageHistory() {}

  /** A page that holds a value from the beginning of time. */
  static PageHistory of(int value) {
    PageHistory history = new PageHistory();
    history.begin(value, 0);
    history.end(value, 0);
    return history;
  }

  void begin(int value, int now) {
    writes.add(new Write(value, now));
  }

  void end(int value, int now) {
    writes.stream().filter(write -> write.value == value).forEach(write -> write.ended = now);
  }

  /** The write has not happened: nobody may see it. */
  void withdraw(int value) {
    writes.removeIf(write -> write.value == value);
  }

  /** Whether a read that began at a time, and is over, may have seen a value. */
  boolean allows(int value, int readBegun) {
    return writes.stream().anyMatch(write -> write.value == value && !isReplaced(write, readBegun));
  }

  private boolean isReplaced(Write write, int readBegun) {
    return writes.stream().anyMatch(later -> write.ended < later.begun && later.ended < readBegun);
  }

  /** What a child begins with whose fork began at a time, and is over: one of several values. */
  PageHistory ofChild(int forkBegun) {
    PageHistory child = new PageHistory();
    for (Write write : writes) {
      if (!isReplaced(write, forkBegun)) {
        child.begin(write.value, 0);
        child.end(write.value, 0);
      }
    }
    return child;
  }

  @Override
  public String toString() {
    return String.join(
        ", ",
        writes.stream()
            .map(w -> w.value + "@" + w.begun + "-" + (w.ended == STILL ? "" : w.ended))
            .toList());
  }
}

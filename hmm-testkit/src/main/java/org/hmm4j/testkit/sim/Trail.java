// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;

/**
 * The choices of one schedule in order, a byte each, and for each a byte that sums up all it was
 * made from and all before it. Kept on the search path, so that a failure replays whoever chose.
 */
final class Trail {

  private static final int USUAL_LENGTH = 1024;
  private static final long PRIME = 0x100000001B3L;

  private byte[] choices = new byte[USUAL_LENGTH];
  private byte[] marks = new byte[USUAL_LENGTH];
  private int length;
  private long sum;

  void clear() {
    length = 0;
    sum = 0;
  }

  /**
   * Adds a choice.
   *
   * @param task who was chosen
   * @param runnable out of which
   * @param step what the task that ran was about to do, as a number
   */
  void add(int task, long runnable, int step) {
    if (length == choices.length) {
      choices = Arrays.copyOf(choices, 2 * length);
      marks = Arrays.copyOf(marks, 2 * length);
    }
    sum = (sum ^ runnable * 31 + step) * PRIME;
    choices[length] = (byte) task;
    marks[length] = (byte) (sum >>> Long.SIZE - Byte.SIZE);
    length++;
  }

  int length() {
    return length;
  }

  /** Returns a copy that later schedules don't change. */
  Schedule schedule() {
    return new Schedule(Arrays.copyOf(choices, length), Arrays.copyOf(marks, length));
  }
}

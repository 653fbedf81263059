// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The choices of one schedule: enough to run it again.
 *
 * @param choices who was chosen at each place where more than one task could go on
 * @param marks a sum over all that came before each choice; empty if unknown
 */
record Schedule(byte[] choices, byte[] marks) {

  /** How far the checkpoints of a token are apart. */
  static final int CHECKED = 16;

  Schedule {
    if (marks.length != 0 && marks.length != choices.length) {
      throw new IllegalArgumentException(
          marks.length + " marks for " + choices.length + " choices");
    }
  }

  /** A schedule of which only the choices are known. */
  static Schedule of(byte... choices) {
    return new Schedule(choices, new byte[0]);
  }

  int length() {
    return choices.length;
  }

  /** Returns one number over all that the choices were made from; 0 if unknown. */
  int check() {
    CRC32 crc = new CRC32();
    crc.update(marks);
    return (int) crc.getValue();
  }

  /** Returns every sixteenth mark, and the last: enough to say about where a replay differs. */
  byte[] checkpoints() {
    int count = marks.length / CHECKED + (marks.length % CHECKED == 0 ? 0 : 1);
    byte[] points = new byte[count];
    for (int i = 0; i < count; i++) {
      points[i] = marks[Math.min((i + 1) * CHECKED, marks.length) - 1];
    }
    return points;
  }

  /** Returns the first choice that was made from something else there, or -1. */
  int firstDifference(Schedule other) {
    return Arrays.mismatch(marks, other.marks);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schedule that
        && Arrays.equals(choices, that.choices)
        && Arrays.equals(marks, that.marks);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(choices);
  }

  @Override
  public String toString() {
    return "schedule of " + choices.length + " choices";
  }
}

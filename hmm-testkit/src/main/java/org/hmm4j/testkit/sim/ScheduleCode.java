// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.io.ByteArrayOutputStream;
import java.util.Base64;

/**
 * Writes the choices of a schedule as a short text. Each choice becomes its place in a list of
 * tasks that the chosen one then moves to the front of; so to go on with the same task is 0, and
 * runs of equal places become a place and a count. Most schedules take a few bits a choice.
 *
 * <p>A byte holds the place in its low 6 bits; if bit 6 is set, the count minus 2 follows, 7 bits a
 * byte, the lowest first, bit 7 set in all but the last.
 */
final class ScheduleCode {

  private static final int REPEATED = 0x40;
  private static final int PLACE = 0x3f;
  private static final int MORE = 0x80;
  private static final int SEVEN_BITS = 0x7f;

  /** More choices than any run that is replayed; keeps a bad token from filling the memory. */
  private static final int MOST = 1 << 24;

  private ScheduleCode() {}

  static String encode(byte[] choices) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] recent = fresh();
    int at = 0;
    while (at < choices.length) {
      int place = moveToFront(recent, choices[at]);
      int end = at + 1;
      // After the first of a run the same task is at the front: only zeros repeat.
      while (place == 0 && end < choices.length && choices[end] == choices[at]) {
        end++;
      }
      int length = end - at;
      if (length == 1) {
        out.write(place);
      } else {
        out.write(place | REPEATED);
        int rest = length - 2;
        for (; rest > SEVEN_BITS; rest >>>= 7) {
          out.write(rest & SEVEN_BITS | MORE);
        }
        out.write(rest);
      }
      at = end;
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException if the text is none
   */
  static byte[] decode(String text) {
    byte[] code = Base64.getUrlDecoder().decode(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] recent = fresh();
    int at = 0;
    while (at < code.length) {
      int first = code[at++];
      if (first < 0) {
        throw new IllegalArgumentException("a schedule with byte " + first + " at " + (at - 1));
      }
      long length = 1;
      if ((first & REPEATED) != 0) {
        length = 2;
        int shift = 0;
        int part;
        do {
          if (at == code.length || shift > 28) {
            throw new IllegalArgumentException("a schedule that ends within a count");
          }
          part = code[at++];
          length += (long) (part & SEVEN_BITS) << shift;
          shift += 7;
        } while ((part & MORE) != 0);
      }
      if (out.size() + length > MOST) {
        throw new IllegalArgumentException("a schedule of more than " + MOST + " choices");
      }
      byte task = recent[first & PLACE];
      moveToFront(recent, task);
      for (long i = 0; i < length; i++) {
        out.write(task);
      }
    }
    return out.toByteArray();
  }

  private static byte[] fresh() {
    byte[] tasks = new byte[SimMachine.MAX_TASKS];
    for (byte task = 0; task < tasks.length; task++) {
      tasks[task] = task;
    }
    return tasks;
  }

  private static int moveToFront(byte[] recent, byte task) {
    int place = 0;
    while (recent[place] != task) {
      place++;
    }
    System.arraycopy(recent, 0, recent, 1, place);
    recent[0] = task;
    return place;
  }
}

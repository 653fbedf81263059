// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * One line that replays a failure: {@code
 * v1:scenario:variant:scheduler:seed:index:schedule:marks:check}.
 *
 * <p>The schedule alone decides the run; scheduler, seed and index say how it was found. The marks
 * and the check sum up what the choices were made from: a replay with others has diverged, and the
 * marks say about where.
 *
 * @param scenario the name of the scenario
 * @param variant what was left out of it; empty for nothing
 * @param scheduler the name of the scheduler that found the failure
 * @param seed its seed
 * @param index the index of the schedule
 * @param schedule the choices, as {@link ScheduleCode} writes them
 * @param marks a byte for every sixteen choices, in base 64
 * @param check the sum
 */
public record Token(
    String scenario,
    String variant,
    String scheduler,
    long seed,
    long index,
    String schedule,
    String marks,
    int check) {

  private static final String VERSION = "v1";
  private static final int FIELDS = 9;
  private static final int HEX = 16;

  static Token of(
      String scenario, String variant, String scheduler, long seed, long index, Schedule schedule) {
    return new Token(
        scenario,
        variant,
        scheduler,
        seed,
        index,
        ScheduleCode.encode(schedule.choices()),
        Base64.getUrlEncoder().withoutPadding().encodeToString(schedule.checkpoints()),
        schedule.check());
  }

  /**
   * Reads a token.
   *
   * @param text what {@link #toString} has written
   * @return the token
   * @throws IllegalArgumentException if the text is no token; the message says which part is wrong
   */
  public static Token parse(String text) {
    String[] fields = text.strip().split(":", -1);
    if (fields.length != FIELDS || !fields[0].equals(VERSION)) {
      throw new IllegalArgumentException(
          "not a token: it has to begin with '%s:' and have %d parts, but is '%s'"
              .formatted(VERSION, FIELDS, text));
    }
    try {
      ScheduleCode.decode(fields[6]);
      Base64.getUrlDecoder().decode(fields[7]);
      return new Token(
          plain(fields[1]),
          plain(fields[2]),
          plain(fields[3]),
          Long.parseLong(fields[4]),
          Long.parseLong(fields[5]),
          fields[6],
          fields[7],
          Integer.parseUnsignedInt(fields[8], HEX));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a token: " + e.getMessage() + ", in " + text, e);
    }
  }

  Schedule choices() {
    return Schedule.of(ScheduleCode.decode(schedule));
  }

  /** Returns the end of the stretch in which a run differs from the recorded one, or -1. */
  int firstDifference(Schedule run) {
    if (run.check() == check) {
      return -1;
    }
    int point = Arrays.mismatch(Base64.getUrlDecoder().decode(marks), run.checkpoints());
    return point < 0 ? run.length() : Math.min((point + 1) * Schedule.CHECKED, run.length());
  }

  private static String quoted(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String plain(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return String.join(
        ":",
        VERSION,
        quoted(scenario),
        quoted(variant),
        quoted(scheduler),
        Long.toString(seed),
        Long.toString(index),
        schedule,
        marks,
        Integer.toHexString(check));
  }
}

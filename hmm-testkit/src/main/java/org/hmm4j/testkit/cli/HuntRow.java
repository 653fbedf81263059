// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import org.hmm4j.testkit.gallery.Bug;
import org.hmm4j.testkit.sim.ExplorationResult;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.Program;

/**
 * What the hunt for one bug came to.
 *
 * @param bug the id of the bug
 * @param rule what the failure has shown broken; the rule of the bug if there was none
 * @param schedules how many were run
 * @param millis the time of the search
 * @param found the failure, or null
 */
record HuntRow(String bug, String rule, long schedules, double millis, Found found) {

  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * A failure.
   *
   * @param expected whether it is what the bug has to look like
   * @param schedule the number of the schedule that failed, from 1
   * @param verdict the kind of failure
   * @param message its first line
   * @param operations the operations of the shrunk scenario
   * @param steps the steps of the shrunk run
   * @param switches the switches of the shrunk run that are not forced
   * @param token replays it
   */
  record Found(
      boolean expected,
      long schedule,
      String verdict,
      String message,
      int operations,
      int steps,
      int switches,
      String token) {

    static Found of(Bug bug, Failure failure) {
      int operations = failure.scenario() instanceof Program<?> left ? left.operations() : 0;
      return new Found(
          bug.isShownBy(failure),
          failure.index() + 1,
          failure.verdict().name(),
          failure.message().lines().findFirst().orElse(""),
          operations,
          failure.steps(),
          failure.switches(),
          failure.token().toString());
    }
  }

  static HuntRow of(Bug bug, ExplorationResult result) {
    return new HuntRow(
        bug.id(),
        result.failure().map(Bug::brokenRule).orElse(bug.rule()),
        result.statistics().schedules(),
        result.statistics().nanos() / NANOS_PER_MILLI,
        result.failure().map(failure -> Found.of(bug, failure)).orElse(null));
  }

  /** Whether there was a failure, and it says nothing about the bug. */
  boolean isOther() {
    return found != null && !found.expected;
  }

  /**
   * Adds up two parts of the same hunt. The earlier failure counts, but for one that is not what
   * the bug looks like: that has to be seen.
   */
  HuntRow plus(HuntRow other) {
    boolean mine =
        other.found == null
            || (found != null
                && (isOther() == other.isOther()
                    ? found.schedule <= other.found.schedule
                    : isOther()));
    return new HuntRow(
        bug,
        mine ? rule : other.rule,
        schedules + other.schedules,
        millis + other.millis,
        mine ? found : other.found);
  }
}

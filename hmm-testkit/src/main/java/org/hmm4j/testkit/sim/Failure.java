// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Optional;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.report.RunReport;

/**
 * A run that failed, as small as it could be made.
 *
 * @param verdict what is wrong
 * @param message what happened, in words
 * @param cause what a task threw, if one did, with the places of allocations and locks
 * @param token replays it
 * @param index the index of the schedule that first failed
 * @param scenario the shrunk scenario
 * @param steps the steps of the shrunk run
 * @param switches the switches of the shrunk run that are not forced
 * @param record the shrunk run, step by step
 */
public record Failure(
    Verdict verdict,
    String message,
    Optional<Throwable> cause,
    Token token,
    long index,
    Scenario scenario,
    int steps,
    int switches,
    RunRecord record) {

  /**
   * Shows the shrunk run: as a table, as a page for a browser, as a trace file.
   *
   * @return a report that is titled with the name of the scenario
   */
  public RunReport report() {
    return RunReport.of(token.scenario(), verdict.name(), message, record);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(verdict).append(": ").append(message);
    text.append("\nfound by ").append(token.scheduler());
    text.append(" with seed ").append(token.seed());
    text.append(" at schedule ").append(index);
    text.append("; this run: ").append(steps).append(" steps, ");
    text.append(switches).append(switches == 1 ? " switch" : " switches");
    if (scenario instanceof ShrinkableScenario) {
      text.append("\n").append(scenario);
    }
    text.append("\nreplay a test with -D").append(Exploration.REPLAY_PROPERTY).append('=');
    text.append(token);
    text.append("\nreplay a scenario of hmm with: hmm replay-token ").append(token);
    return text.toString();
  }
}

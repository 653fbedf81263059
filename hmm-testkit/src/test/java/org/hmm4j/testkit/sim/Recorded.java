// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.testkit.record.RunRecord;

/**
 * The record of the first schedule of a scenario that fails.
 *
 * @param verdict what is wrong with it
 * @param message what happened
 * @param thrown what a task threw, or null
 * @param record the run
 */
public record Recorded(Verdict verdict, String message, Throwable thrown, RunRecord record) {

  private static final int SCHEDULES = 2_000;

  /** Searches with random walks, without lockdep, and replays what fails. */
  public static Recorded failure(int budget, Scenario scenario) {
    Plan plan =
        new Plan(
            scenario,
            KernelProvider.load(),
            KernelOptions.defaults().sites(false).lockdep(false),
            Backend.PLATFORM,
            budget);
    Schedule schedule = null;
    Outcome outcome = null;
    try (Trial trial = new Trial(plan)) {
      RandomWalk walk = new RandomWalk(1);
      for (int i = 0; i < SCHEDULES && outcome == null; i++) {
        walk.begin(i);
        outcome = trial.run(walk);
        schedule = trial.schedule();
      }
    }
    if (outcome == null) {
      throw new AssertionError("nothing fails in " + SCHEDULES + " schedules");
    }
    return replay(plan, schedule, outcome);
  }

  private static Recorded replay(Plan plan, Schedule schedule, Outcome outcome) {
    RunRecorder recorder = new RunRecorder();
    try (Trial trial = new Trial(plan.options(plan.options().trace(recorder)))) {
      Outcome again = trial.replay(schedule, recorder);
      if (!outcome.isLike(again)) {
        throw new AssertionError("the replay ends otherwise: " + again);
      }
    }
    return new Recorded(outcome.verdict(), outcome.message(), outcome.thrown(), recorder.record());
  }
}

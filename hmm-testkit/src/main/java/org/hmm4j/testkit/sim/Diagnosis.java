// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Optional;

/** Turns the outcome of a run into a {@link Failure}: confirms it, shrinks it, looks closely. */
final class Diagnosis {

  private final String name;
  private final SchedulerFactory factory;
  private final long seed;

  Diagnosis(String name, SchedulerFactory factory, long seed) {
    this.name = name;
    this.factory = factory;
    this.seed = seed;
  }

  /** Diagnoses what a search has found. */
  Failure failure(Plan plan, Search.Found found, boolean shrinks) {
    Outcome first = found.outcome();
    String difference = difference(plan, first.schedule(), first);
    if (difference != null) {
      return nondeterminism(plan, found.index(), first.schedule(), difference);
    }
    Shrinker.Shrunk shrunk =
        shrinks
            ? new Shrinker(plan, factory, seed).shrink(first, found.index())
            : new Shrinker.Shrunk(plan.scenario(), first, 0);
    Outcome close = lookClosely(plan.scenario(shrunk.scenario()), shrunk.outcome());
    Token token = token(shrunk.scenario(), found.index(), close.schedule());
    return failure(close, token, found.index(), shrunk.scenario(), shrunk.switches());
  }

  private static Failure failure(
      Outcome outcome, Token token, long index, Scenario scenario, int switches) {
    return new Failure(
        outcome.verdict(),
        outcome.message(),
        Optional.ofNullable(outcome.thrown()),
        token,
        index,
        scenario,
        outcome.steps(),
        switches);
  }

  /** Runs the failure once more, now with places recorded. */
  private static Outcome lookClosely(Plan plan, Outcome outcome) {
    try (Trial trial = new Trial(plan.options(plan.options().sites(true)))) {
      Outcome again = trial.replay(outcome.schedule());
      return outcome.isLike(again) ? again : outcome;
    }
  }

  /** Runs what a token says; empty if nothing is wrong with it any more. */
  Optional<Failure> replay(Plan plan, Token token) {
    if (!token.scenario().equals(name)) {
      throw new IllegalArgumentException(
          "the token replays '%s', not '%s'".formatted(token.scenario(), name));
    }
    Scenario scenario = variant(plan.scenario(), token.variant());
    try (Trial trial = new Trial(plan.scenario(scenario).options(plan.options().sites(true)))) {
      SwitchRecorder recorder = new SwitchRecorder(new Replay(token.choices()));
      recorder.begin(0);
      Outcome outcome = trial.run(recorder);
      if (trial.schedule().check() != token.check()) {
        String where = outcome == null ? "it ends normally" : "it ends with " + outcome.verdict();
        throw new ScheduleDivergedException(
            where
                + ", and its steps are not those of the recorded run: the scenario, the engine or"
                + " the options have changed, or the scenario is not deterministic");
      }
      return Optional.ofNullable(outcome)
          .map(
              failed ->
                  failure(failed, token, token.index(), scenario, recorder.switches().size()));
    }
  }

  private static Scenario variant(Scenario scenario, String variant) {
    if (variant.isEmpty()) {
      return scenario;
    }
    if (scenario instanceof ShrinkableScenario whole) {
      return whole.variant(variant);
    }
    throw new IllegalArgumentException(
        "the token leaves parts out, but this scenario has none: '" + variant + "'");
  }

  /** Runs one schedule of a clean scenario twice. */
  Optional<Failure> findNondeterminism(Plan plan) {
    Schedule schedule;
    Outcome outcome;
    try (Trial trial = new Trial(plan)) {
      RandomWalk walk = new RandomWalk(seed);
      walk.begin(0);
      outcome = trial.run(walk);
      schedule = trial.schedule();
    }
    String difference = difference(plan, schedule, outcome);
    return difference == null
        ? Optional.empty()
        : Optional.of(nondeterminism(plan, 0, schedule, difference));
  }

  /** Returns where a second run of the same choices differs from the first, or null. */
  private static String difference(Plan plan, Schedule schedule, Outcome first) {
    try (Trial trial = new Trial(plan)) {
      Outcome second = trial.replay(schedule);
      int place = schedule.firstDifference(trial.schedule());
      if (place >= 0) {
        return "choice %d of %d is made from something else".formatted(place, schedule.length());
      }
      String before = first == null ? "nothing wrong" : first.signature();
      String now = second == null ? "nothing wrong" : second.signature();
      return before.equals(now) ? null : "it ended with " + before + ", then with " + now;
    } catch (ScheduleDivergedException diverged) {
      return diverged.getMessage();
    }
  }

  private Failure nondeterminism(Plan plan, long index, Schedule schedule, String where) {
    Outcome outcome =
        new Outcome(
            Verdict.NONDETERMINISM,
            "the same choices give another run: " + where,
            null,
            schedule,
            schedule.length());
    return failure(outcome, token(plan.scenario(), index, schedule), index, plan.scenario(), 0);
  }

  private Token token(Scenario scenario, long index, Schedule schedule) {
    String variant = scenario instanceof ShrinkableScenario small ? small.variant() : "";
    return Token.of(name, variant, factory.name(), seed, index, schedule);
  }
}

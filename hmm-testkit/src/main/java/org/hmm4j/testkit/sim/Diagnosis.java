// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.List;
import java.util.Optional;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.testkit.record.RunLoop;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.WaitForGraph;

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
    Closeup close = closeup(plan.scenario(shrunk.scenario()), shrunk.outcome());
    Token token = token(shrunk.scenario(), found.index(), close.outcome.schedule());
    return failure(close, token, found.index(), shrunk.scenario(), shrunk.switches());
  }

  /** The outcome of a run that was watched. */
  private record Closeup(Outcome outcome, RunRecord record) {}

  private static Failure failure(
      Closeup close, Token token, long index, Scenario scenario, int switches) {
    Outcome outcome = explained(close);
    return new Failure(
        outcome.verdict(),
        outcome.message(),
        Optional.ofNullable(outcome.thrown()),
        token,
        index,
        scenario,
        outcome.steps(),
        switches,
        close.record);
  }

  /** Says in words who waits for whom, or what goes round and round. */
  private static Outcome explained(Closeup close) {
    Outcome outcome = close.outcome;
    return switch (outcome.verdict()) {
      case DEADLOCK -> explained(outcome, WaitForGraph.of(close.record).words());
      case LIVELOCK ->
          RunLoop.of(close.record)
              .map(
                  loop ->
                      explained(
                          loop.isStarvation() ? outcome.verdict(Verdict.STARVATION) : outcome,
                          loop.words()))
              .orElse(outcome);
      default -> outcome;
    };
  }

  private static Outcome explained(Outcome outcome, List<String> words) {
    return words.isEmpty() ? outcome : outcome.message(String.join(" ", words));
  }

  /** Runs the failure once more, now watched. */
  private static Closeup closeup(Plan plan, Outcome outcome) {
    RunRecorder recorder = new RunRecorder();
    try (Trial trial = new Trial(watched(plan, recorder))) {
      Outcome again = trial.replay(outcome.schedule(), recorder);
      return new Closeup(outcome.isLike(again) ? again : outcome, recorder.record());
    }
  }

  /** A plan whose kernels tell all they can. */
  private static Plan watched(Plan plan, RunRecorder recorder) {
    KernelOptions options = plan.options().sites(true).trace(recorder);
    return plan.options(options);
  }

  /** Runs what a token says; empty if nothing is wrong with it any more. */
  Optional<Failure> replay(Plan plan, Token token) {
    if (!token.scenario().equals(name)) {
      throw new IllegalArgumentException(
          "the token replays '%s', not '%s'".formatted(token.scenario(), name));
    }
    Scenario scenario = variant(plan.scenario(), token.variant());
    RunRecorder watcher = new RunRecorder();
    try (Trial trial = new Trial(watched(plan.scenario(scenario), watcher))) {
      SwitchRecorder switches = new SwitchRecorder(new Replay(token.choices()));
      switches.begin(0);
      Outcome outcome = trial.run(switches, watcher);
      if (trial.schedule().check() != token.check()) {
        String where = outcome == null ? "it ends normally" : "it ends with " + outcome.verdict();
        throw new ScheduleDivergedException(
            where
                + ", and its steps are not those of the recorded run: the scenario, the engine or"
                + " the options have changed, or the scenario is not deterministic");
      }
      if (outcome == null) {
        return Optional.empty();
      }
      Closeup close = new Closeup(outcome, watcher.record());
      return Optional.of(
          failure(close, token, token.index(), scenario, switches.switches().size()));
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
    Token token = token(plan.scenario(), index, schedule);
    Closeup close = new Closeup(outcome, recordOf(plan, schedule));
    return failure(close, token, index, plan.scenario(), 0);
  }

  private static RunRecord recordOf(Plan plan, Schedule schedule) {
    RunRecorder recorder = new RunRecorder();
    try (Trial trial = new Trial(watched(plan, recorder))) {
      trial.replay(schedule, recorder);
    } catch (ScheduleDivergedException diverged) {
      // The record up to there is what is wanted.
    }
    return recorder.record();
  }

  private Token token(Scenario scenario, long index, Schedule schedule) {
    String variant = scenario instanceof ShrinkableScenario small ? small.variant() : "";
    return Token.of(name, variant, factory.name(), seed, index, schedule);
  }
}

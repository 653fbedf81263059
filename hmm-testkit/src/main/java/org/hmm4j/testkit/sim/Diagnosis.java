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
    long index = found.index();
    String difference =
        first.verdict() == Verdict.NONDETERMINISM
            ? first.message()
            : difference(plan, first.schedule(), first);
    if (difference != null) {
      return nondeterminism(plan, index, first.schedule(), difference);
    }
    if (shrinks) {
      Shrinker.Shrunk shrunk = new Shrinker(plan, factory, seed).shrink(first, index);
      Closeup close = closeup(plan.scenario(shrunk.scenario()), shrunk.outcome().schedule());
      if (first.isLike(close.outcome)) {
        return failure(close, index, shrunk.scenario());
      }
    }
    Closeup close = closeup(plan, first.schedule());
    return first.isLike(close.outcome)
        ? failure(close, index, plan.scenario())
        : nondeterminism(plan, index, first.schedule(), "it did not fail again in the same way");
  }

  /**
   * A run that was watched.
   *
   * @param outcome how it failed, or null
   * @param record what happened
   * @param switches how many switches were not forced
   */
  private record Closeup(Outcome outcome, RunRecord record, int switches) {

    Closeup as(Outcome other) {
      return new Closeup(other, record, switches);
    }
  }

  private Failure failure(Closeup close, long index, Scenario scenario) {
    return failure(close, token(scenario, index, close.outcome.schedule()), scenario);
  }

  private static Failure failure(Closeup close, Token token, Scenario scenario) {
    Outcome outcome = explained(close);
    return new Failure(
        outcome.verdict(),
        outcome.message(),
        Optional.ofNullable(outcome.thrown()),
        token,
        token.index(),
        scenario,
        outcome.steps(),
        close.switches,
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

  /** Runs a schedule once more, now watched; up to where it diverges, if it does. */
  private static Closeup closeup(Plan plan, Schedule schedule) {
    RunRecorder recorder = new RunRecorder();
    SwitchRecorder switches = new SwitchRecorder(new Replay(schedule));
    switches.begin(0);
    Outcome outcome = null;
    try (Trial trial = new Trial(watched(plan, recorder))) {
      outcome = trial.run(switches, recorder);
    } catch (ScheduleDivergedException diverged) {
      // What was recorded up to there is all there is; the caller sees no outcome.
    }
    return new Closeup(outcome, recorder.record(), switches.switches().size());
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
    RunRecorder recorder = new RunRecorder();
    try (Trial trial = new Trial(watched(plan.scenario(scenario), recorder))) {
      SwitchRecorder switches = new SwitchRecorder(new Replay(token.choices()));
      switches.begin(0);
      Outcome outcome = trial.run(switches, recorder);
      int place = token.firstDifference(trial.schedule());
      if (place >= 0) {
        throw new ScheduleDivergedException(
            "%s, and is not the recorded run from choice %d of %d on or a little before: the scenario, the engine or the options have changed, or the scenario is not deterministic"
                .formatted(
                    outcome == null ? "it ends normally" : "it ends with " + outcome.verdict(),
                    place,
                    trial.schedule().length()));
      }
      if (outcome == null) {
        return Optional.empty();
      }
      Closeup close = new Closeup(outcome, recorder.record(), switches.switches().size());
      return Optional.of(failure(close, token, scenario));
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
    Closeup close = closeup(plan, schedule);
    Outcome outcome =
        new Outcome(
            Verdict.NONDETERMINISM,
            "the same choices give another run: " + where,
            null,
            schedule,
            close.record.steps().size());
    return failure(close.as(outcome), index, plan.scenario());
  }

  private Token token(Scenario scenario, long index, Schedule schedule) {
    String variant = scenario instanceof ShrinkableScenario small ? small.variant() : "";
    return Token.of(name, variant, factory.name(), seed, index, schedule);
  }
}

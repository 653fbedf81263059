// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes a failure small: first the scenario, part by part, then the schedule, towards the fewest
 * switches (delta debugging: Zeller, Hildebrandt: "Simplifying and isolating failure-inducing
 * input", TSE 2002). First of all schedules with few preemptions are tried (iterative context
 * bounding: Musuvathi, Qadeer, PLDI 2007). What comes out has failed in the same way as what went
 * in.
 */
final class Shrinker {

  /** A small failure and the scenario that it happens in. */
  record Shrunk(Scenario scenario, Outcome outcome) {}

  private static final long FEWEST = 200;
  private static final long MOST = 4_000;
  private static final int LENIENCE = 4;
  private static final int MOST_PREEMPTIONS = 2;
  private static final long BOUNDED = 1_000;

  private final Plan plan;
  private final SchedulerFactory factory;
  private final long seed;

  Shrinker(Plan plan, SchedulerFactory factory, long seed) {
    this.plan = plan;
    this.factory = factory;
    this.seed = seed;
  }

  /** Shrinks a failure; the index says how hard it was to find. */
  Shrunk shrink(Outcome failure, long index) {
    Scenario scenario = plan.scenario();
    Outcome outcome = failure;
    if (scenario instanceof ShrinkableScenario whole) {
      long attempts = Math.max(FEWEST, Math.min(MOST, LENIENCE * index));
      ShrinkableScenario smallest = whole;
      Step step = smaller(smallest, outcome, attempts);
      while (step != null) {
        smallest = step.scenario;
        outcome = step.outcome;
        step = smaller(smallest, outcome, attempts);
      }
      scenario = smallest;
    }
    return straighten(scenario, fewestPreemptions(scenario, outcome));
  }

  /** Looks for the same failure among the schedules with no preemption, with one, with two. */
  private Outcome fewestPreemptions(Scenario scenario, Outcome failure) {
    for (int preemptions = 0; preemptions <= MOST_PREEMPTIONS; preemptions++) {
      SchedulerFactory bounded = Schedulers.parse("exhaustive:" + preemptions);
      Outcome found = find(scenario, bounded, BOUNDED);
      if (failure.isLike(found)) {
        return found;
      }
    }
    return failure;
  }

  private Outcome find(Scenario scenario, SchedulerFactory kind, long attempts) {
    Slice slice = new Slice(0, 1, attempts);
    Search search = new Search(plan.scenario(scenario), kind, seed, slice, 1, schedules -> {});
    Search.Found found = search.run().found();
    return found == null ? null : found.outcome();
  }

  private record Step(ShrinkableScenario scenario, Outcome outcome) {}

  private Step smaller(ShrinkableScenario scenario, Outcome failure, long attempts) {
    for (ShrinkableScenario candidate : scenario.smaller()) {
      Outcome found = find(candidate, factory, attempts);
      if (failure.isLike(found)) {
        return new Step(candidate, found);
      }
    }
    return null;
  }

  /** Takes away the switches that the failure does not need. */
  private Shrunk straighten(Scenario scenario, Outcome failure) {
    try (Trial trial = new Trial(plan.scenario(scenario))) {
      SwitchRecorder recorder = new SwitchRecorder(new Replay(failure.schedule()));
      recorder.begin(0);
      Outcome outcome = trial.run(recorder);
      if (!failure.isLike(outcome)) {
        // Whoever looks closely finds the same, and takes the failure as it was.
        return new Shrunk(scenario, failure);
      }
      List<Switches.Switch> needed = recorder.switches();
      for (int length = Math.max(1, needed.size() / 2); length >= 1; length /= 2) {
        for (int first = 0; first < needed.size(); ) {
          Switches fewer = new Switches(without(needed, first, first + length));
          fewer.begin(0);
          Outcome again = trial.run(fewer);
          if (failure.isLike(again)) {
            needed = fewer.made();
            outcome = again;
          } else {
            first += length;
          }
        }
      }
      return new Shrunk(scenario, outcome);
    } catch (ScheduleDivergedException diverged) {
      return new Shrunk(scenario, failure);
    }
  }

  private static List<Switches.Switch> without(List<Switches.Switch> all, int first, int after) {
    List<Switches.Switch> rest = new ArrayList<>(all.subList(0, first));
    rest.addAll(all.subList(Math.min(after, all.size()), all.size()));
    return rest;
  }
}

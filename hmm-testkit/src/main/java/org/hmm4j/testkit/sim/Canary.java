// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.function.LongConsumer;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Step;

/**
 * A race that every search has to find: two tasks add 1 to a number in two steps. A set-up that
 * cannot see it would call everything clean, so nothing is explored then.
 */
final class Canary {

  private static final long SCHEDULES = 100;

  private Canary() {}

  /**
   * Looks once in a JVM, for each back end.
   *
   * @throws IllegalStateException if the race is not found
   */
  static void check(Backend backend) {
    String complaint =
        backend == Backend.PLATFORM ? OnPlatform.COMPLAINT : OnContinuation.COMPLAINT;
    if (complaint != null) {
      throw new IllegalStateException(complaint);
    }
  }

  private static final class OnPlatform {
    static final String COMPLAINT = complaint(Backend.PLATFORM, Canary::race);
  }

  private static final class OnContinuation {
    static final String COMPLAINT = complaint(Backend.CONTINUATION, Canary::race);
  }

  /** Returns what is wrong with this machine, or null. */
  static String complaint(Backend backend, Scenario canary) {
    SchedulerFactory random =
        new SchedulerFactory() {
          @Override
          public String name() {
            return "random";
          }

          @Override
          public Scheduler create(long seed) {
            return new RandomWalk(seed);
          }
        };
    Plan plan =
        new Plan(
            canary,
            options -> {
              throw new IllegalStateException("the canary needs no kernel");
            },
            KernelOptions.defaults(),
            backend,
            Exploration.STEP_BUDGET);
    LongConsumer silent = schedules -> {};
    Search.Found found =
        new Search(plan, random, 1, new Slice(0, 1, SCHEDULES), 1, silent).run().found();
    return found != null && found.outcome().verdict() == Verdict.ASSERTION
        ? null
        : "a race that is known to be there was not found in %d schedules on back end %s: this set-up sees no race at all"
            .formatted(SCHEDULES, backend);
  }

  private static void race(SimWorld world) {
    int[] number = {0};
    Runnable add =
        () -> {
          world.machine().preemptionPoint(Step.COUNT, number);
          int seen = number[0];
          world.machine().preemptionPoint(Step.COUNT, number);
          number[0] = seen + 1;
        };
    world.spawn("a", add);
    world.spawn("b", add);
    world.atEnd(
        () -> {
          if (number[0] != 2) {
            throw new AssertionError("an addition was lost");
          }
        });
  }
}

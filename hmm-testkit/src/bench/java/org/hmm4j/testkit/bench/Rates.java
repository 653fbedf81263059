// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.bench;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.hmm4j.testkit.sim.Backend;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Scenario;

/** Measures in this JVM and prints a line for each rate: its name, median, least and most. */
final class Rates {

  private static final int ROUNDS = 5;
  private static final double ROUND_SECONDS = 1;
  private static final double FIRST_SECONDS = 2;

  private Rates() {}

  public static void main(String[] args) {
    if (args.length > 0) {
      print("Lincheck toy", schedules -> LincheckToy.run((int) schedules));
      return;
    }
    for (Backend backend : Backend.values()) {
      if (backend.isUsable()) {
        for (String scheduler : new String[] {"random", "pct:3"}) {
          for (int jobs = 1; jobs <= 2; jobs++) {
            explore(backend, scheduler, jobs, "toy", Programs::toy);
          }
        }
        explore(backend, "random", 2, "invalidation", Programs::invalidation);
        explore(backend, "pct:3", 2, "invalidation", Programs::invalidation);
      }
    }
  }

  private static void explore(
      Backend backend, String scheduler, int jobs, String name, Scenario scenario) {
    print(
        "%s %s, %s, jobs %d".formatted(backend, name, scheduler, jobs),
        schedules ->
            Exploration.of(scenario)
                .backend(backend)
                .scheduler(scheduler)
                .jobs(jobs)
                .schedules(schedules)
                .run()
                .assertClean());
  }

  /** Runs a number of schedules that takes about a second, several times. */
  private static void print(String name, LongConsumer schedules) {
    long count = 1_000;
    double rate = rate(schedules, count);
    for (double seconds = 0; seconds < FIRST_SECONDS; seconds += count / rate) {
      count = Math.max(1_000, (long) (rate * ROUND_SECONDS));
      rate = rate(schedules, count);
    }
    double[] rates = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      rates[i] = rate(schedules, count);
    }
    Arrays.sort(rates);
    System.out.printf(
        "RATE\t%s\t%.0f\t%.0f\t%.0f%n", name, rates[ROUNDS / 2], rates[0], rates[ROUNDS - 1]);
  }

  private static double rate(LongConsumer schedules, long count) {
    long start = System.nanoTime();
    schedules.accept(count);
    return count * 1e9 / (System.nanoTime() - start);
  }
}

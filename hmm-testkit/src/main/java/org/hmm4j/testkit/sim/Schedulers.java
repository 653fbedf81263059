// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.function.LongFunction;

/** The kinds of schedulers, by name. */
public final class Schedulers {

  private Schedulers() {}

  private record Named(String name, LongFunction<Scheduler> maker) implements SchedulerFactory {
    @Override
    public Scheduler create(long seed) {
      return maker.apply(seed);
    }
  }

  /**
   * Finds a kind of scheduler.
   *
   * @param name its name
   * @return the kind
   * @throws IllegalArgumentException if there is none of that name
   */
  public static SchedulerFactory parse(String name) {
    return switch (name) {
      case "random", "portfolio" -> new Named(name, RandomWalk::new);
      case "pct:3" -> new Named(name, seed -> new Pct(seed, 3));
      case "round-robin" -> new Named(name, seed -> new RoundRobin());
      default -> throw new IllegalArgumentException("no scheduler '" + name + "'");
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.hmm4j.machine.Step;
import org.junit.jupiter.api.Test;

/**
 * What the sampling schedulers promise, measured. The seeds are fixed, so a rate never changes by
 * itself; the limits are those of the papers, or well beside what was measured.
 */
final class SamplingTest {

  private static final int SCHEDULES = 10_000;
  private static final long SEED = 4;

  /** A program whose tasks pass some state around, and whether it went wrong. */
  private abstract static class Racy {
    int x;
    boolean sawX;
    boolean bug;

    abstract void first(SimMachine machine);

    abstract void second(SimMachine machine);

    final void step(SimMachine machine, int times) {
      for (int i = 0; i < times; i++) {
        machine.preemptionPoint(Step.LOCK, this);
      }
    }

    final void own(SimMachine machine, Object object, int times) {
      for (int i = 0; i < times; i++) {
        machine.preemptionPoint(Step.LOCK, object);
      }
    }

    final void run(SimMachine machine) {
      x = 0;
      sawX = false;
      bug = false;
      Toys.of(this::first, this::second).accept(machine);
    }

    double rate(String scheduler) {
      Scheduler chooser = Schedulers.parse(scheduler).create(SEED);
      int hits = 0;
      try (SimMachine machine = new SimMachine(Backend.best())) {
        Toys.pilot(machine, chooser, this::run);
        for (int i = 0; i < SCHEDULES; i++) {
          chooser.begin(i);
          assertEquals(Ending.COMPLETED, Toys.run(machine, chooser, this::run));
          hits += bug ? 1 : 0;
        }
      }
      return hits / (double) SCHEDULES;
    }
  }

  /** Depth 2: the last of many steps of one task has to fall between two steps of another. */
  private static final class Window extends Racy {
    static final int STEPS = 20;

    @Override
    void first(SimMachine machine) {
      step(machine, 2);
      x = 1;
      step(machine, 1);
      x = 0;
      step(machine, STEPS - 3);
    }

    @Override
    void second(SimMachine machine) {
      step(machine, STEPS);
      bug = x == 1;
    }
  }

  /** Depth 3: the first half of the window as before, the second half one step later. */
  private static final class TwoWindows extends Racy {
    static final int STEPS = 10;

    @Override
    void first(SimMachine machine) {
      step(machine, 2);
      x = 1;
      step(machine, 1);
      x = 2;
      step(machine, STEPS - 3);
    }

    @Override
    void second(SimMachine machine) {
      step(machine, STEPS - 1);
      sawX = x == 1;
      step(machine, 1);
      bug = sawX && x == 2;
    }
  }

  /** Many steps that race with nothing before one that has to come first. */
  private static final class Laggard extends Racy {
    private final Object mine = new Object();
    private final Object yours = new Object();

    @Override
    void first(SimMachine machine) {
      own(machine, mine, 1);
      step(machine, 1);
      bug = x == 1;
    }

    @Override
    void second(SimMachine machine) {
      own(machine, yours, 9);
      step(machine, 1);
      x = 1;
    }
  }

  /** The bound of PCT: 1 / (n * k^(depth - 1)), with the set-up among the n tasks. */
  private static double bound(int steps, int depth) {
    return 1 / (3 * Math.pow(steps, depth - 1));
  }

  @Test
  void pctFindsDepthTwoAtItsBoundOrMoreOften() {
    double rate = new Window().rate("pct:2");
    double bound = bound(2 * Window.STEPS, 2);
    assertTrue(rate >= bound, rate + " of at least " + bound);
    assertTrue(rate < 10 * bound, rate + " would say that the toy is no test of " + bound);
  }

  @Test
  void pctFindsDepthThreeAtItsBoundOrMoreOften() {
    double rate = new TwoWindows().rate("pct:3");
    double bound = bound(2 * TwoWindows.STEPS, 3);
    assertTrue(rate >= bound, rate + " of at least " + bound);
    assertTrue(rate < 10 * bound, rate + " would say that the toy is no test of " + bound);
  }

  /** With fewer change points than the bug needs there is no such schedule. */
  @Test
  void pctOfLessDepthFindsNothing() {
    assertEquals(0, new Window().rate("pct:1"));
    assertEquals(0, new TwoWindows().rate("pct:2"));
  }

  @Test
  void randomWalkDoesNotFindWhatPctFinds() {
    assertEquals(0, new Window().rate("random"));
  }

  @Test
  void posAndUrwLetTheLaggardLag() {
    double random = new Laggard().rate("random");
    double pos = new Laggard().rate("pos");
    double urw = new Laggard().rate("urw");
    String rates = "random " + random + ", pos " + pos + ", urw " + urw;
    assertTrue(pos > 5 * random, rates);
    // Of the 66 interleavings 11 have the second step of the first task at the end.
    assertEquals(11 / 66.0, urw, 0.015, rates);
  }

  /** Returns how unevenly a scheduler spreads over the interleavings: Pearson's chi-squared. */
  private static double chiSquared(String name, int... steps) {
    Map<Schedule, Integer> counts = new HashMap<>();
    Scheduler scheduler = Schedulers.parse(name).create(SEED);
    Consumer<SimMachine> program = Toys.steps(steps);
    try (SimMachine machine = new SimMachine(Backend.best())) {
      Toys.pilot(machine, scheduler, program);
      for (int i = 0; i < SCHEDULES; i++) {
        scheduler.begin(i);
        Toys.run(machine, scheduler, program);
        counts.merge(machine.schedule(), 1, Integer::sum);
      }
    }
    double expected = SCHEDULES / 45.0;
    double sum = (45 - counts.size()) * expected;
    for (int count : counts.values()) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  /** Two steps among eight: 45 interleavings. With 44 degrees of freedom 1 in 1,000 is above 79. */
  @Test
  void urwIsUniform() {
    assertTrue(chiSquared("urw", 2, 8) < 79, "urw: " + chiSquared("urw", 2, 8));
    assertTrue(chiSquared("random", 2, 8) > 2_500, "random: " + chiSquared("random", 2, 8));
  }
}

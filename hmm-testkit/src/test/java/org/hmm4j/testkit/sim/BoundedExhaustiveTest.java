// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.hmm4j.machine.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The exhaustive search visits what combinatorics says, and the reduced one misses nothing. */
final class BoundedExhaustiveTest {

  private static final int MOST = 200_000;

  /** What came out of a search: how many schedules it had, and what they led to. */
  private record Search(int schedules, Set<String> outcomes) {}

  /** Runs all schedules of a program that is made anew for each. */
  private static Search search(Scheduler scheduler, Supplier<Program> programs) {
    Set<String> outcomes = new TreeSet<>();
    int count = 0;
    try (SimMachine machine = new SimMachine(Backend.best())) {
      while (scheduler.begin(count)) {
        Program program = programs.get();
        Ending ending = Toys.run(machine, scheduler, program::run);
        outcomes.add(ending + " " + program.outcome());
        count++;
        assertTrue(count < MOST, "no end of schedules");
      }
      assertFalse(scheduler.begin(count), "a finished search stays finished");
    }
    return new Search(count, outcomes);
  }

  private interface Program {
    void run(SimMachine machine);

    String outcome();
  }

  /** Tasks that write their numbers into a book at each step. */
  private static Supplier<Program> writers(int... steps) {
    return () ->
        new Program() {
          private final StringBuilder book = new StringBuilder();

          @Override
          @SuppressWarnings({"unchecked", "rawtypes"})
          public void run(SimMachine machine) {
            Consumer[] bodies = new Consumer[steps.length];
            for (int task = 0; task < steps.length; task++) {
              int self = task;
              bodies[task] = (Consumer<SimMachine>) ignored -> write(machine, self);
            }
            Toys.of((Consumer<SimMachine>[]) bodies).accept(machine);
          }

          private void write(SimMachine machine, int self) {
            for (int i = 0; i < steps[self]; i++) {
              machine.preemptionPoint(Step.LOCK, this);
              book.append(self);
            }
          }

          @Override
          public String outcome() {
            return book.toString();
          }
        };
  }

  /**
   * Tasks that change two registers, each step one of them, in ways that don't commute.
   *
   * @param plans for each task the registers it changes, as digits
   */
  private static Supplier<Program> registers(String... plans) {
    return () ->
        new Program() {
          private final Object[] objects = {new Object(), new Object(), new Object()};
          private final StringBuilder[] values = {
            new StringBuilder(), new StringBuilder(), new StringBuilder()
          };

          @Override
          @SuppressWarnings({"unchecked", "rawtypes"})
          public void run(SimMachine machine) {
            Consumer[] bodies = new Consumer[plans.length];
            for (int task = 0; task < plans.length; task++) {
              int self = task;
              bodies[task] = (Consumer<SimMachine>) ignored -> change(machine, self);
            }
            Toys.of((Consumer<SimMachine>[]) bodies).accept(machine);
          }

          private void change(SimMachine machine, int self) {
            for (int i = 0; i < plans[self].length(); i++) {
              int register = plans[self].charAt(i) - '0';
              machine.preemptionPoint(Step.COUNT, objects[register]);
              values[register].append(self);
            }
          }

          /** The order of the steps on each object: one word for each class of schedules. */
          @Override
          public String outcome() {
            return values[0] + "|" + values[1] + "|" + values[2];
          }
        };
  }

  @Test
  void twoTasksOfThreeStepsHaveTwentyInterleavings() {
    Search search = search(BoundedExhaustive.unbounded(), writers(3, 3));
    assertEquals(20, search.schedules());
    assertEquals(20, search.outcomes().size(), "each is another one");
  }

  @Test
  void threeTasksOfTwoStepsHaveNinetyInterleavings() {
    Search search = search(BoundedExhaustive.unbounded(), writers(2, 2, 2));
    assertEquals(90, search.schedules());
    assertEquals(90, search.outcomes().size());
  }

  @Test
  void oneTaskHasOneSchedule() {
    assertEquals(1, search(BoundedExhaustive.unbounded(), writers(5)).schedules());
    assertEquals(1, search(BoundedExhaustive.withSleepSets(), writers(5)).schedules());
  }

  /** Counts by hand: the words of two letters, three of each, by the number of blocks. */
  @Test
  void theBoundCountsPreemptions() {
    assertEquals(2, search(BoundedExhaustive.withPreemptions(0), writers(3, 3)).schedules());
    // A word of b + 2 blocks has b preemptions if its last two blocks end tasks. One preemption: a
    // task stops after 1 or 2 steps, the other runs to its end: 2 x 2.
    assertEquals(2 + 4, search(BoundedExhaustive.withPreemptions(1), writers(3, 3)).schedules());
    assertEquals(
        wordsWithPreemptions(2),
        search(BoundedExhaustive.withPreemptions(2), writers(3, 3)).schedules());
    assertEquals(
        wordsWithPreemptions(3),
        search(BoundedExhaustive.withPreemptions(3), writers(3, 3)).schedules());
    assertEquals(20, search(BoundedExhaustive.withPreemptions(4), writers(3, 3)).schedules());
  }

  /** Counts the words of three 0s and three 1s with at most so many preemptions, by trying all. */
  private static int wordsWithPreemptions(int bound) {
    int count = 0;
    for (int word = 0; word < 64; word++) {
      if (Integer.bitCount(word) == 3 && preemptions(word) <= bound) {
        count++;
      }
    }
    return count;
  }

  private static int preemptions(int word) {
    int[] left = {3, 3};
    int preemptions = 0;
    for (int i = 0; i < 6; i++) {
      int task = word >> i & 1;
      left[task]--;
      if (i < 5 && (word >> i + 1 & 1) != task && left[task] > 0) {
        preemptions++;
      }
    }
    return preemptions;
  }

  @Test
  void sleepSetsRunEachClassOnceOrMore() {
    int allSchedules = 0;
    int reducedSchedules = 0;
    for (String[] plans :
        List.of(
            new String[] {"01", "10"},
            new String[] {"001", "110"},
            new String[] {"0101", "0110"},
            new String[] {"01", "12", "20"},
            new String[] {"00", "11", "22"},
            new String[] {"012", "210", "1"})) {
      Search all = search(BoundedExhaustive.unbounded(), registers(plans));
      Search reduced = search(BoundedExhaustive.withSleepSets(), registers(plans));
      assertEquals(all.outcomes(), reduced.outcomes(), String.join(" ", plans));
      assertTrue(reduced.schedules() >= all.outcomes().size());
      allSchedules += all.schedules();
      reducedSchedules += reduced.schedules();
      assertTrue(reduced.schedules() <= all.schedules());
    }
    assertTrue(reducedSchedules < allSchedules, reducedSchedules + " schedules of " + allSchedules);
  }

  /** One class; but first steps are not known, and schedules seen to be redundant still count. */
  @Test
  void independentTasksNeedFewSchedules() {
    assertEquals(
        924, search(BoundedExhaustive.unbounded(), registers("000000", "111111")).schedules());
    Search reduced = search(BoundedExhaustive.withSleepSets(), registers("000000", "111111"));
    assertTrue(reduced.schedules() < 100, reduced.schedules() + " schedules");
  }

  @Test
  void sleepSetsLeaveOutNothingWhereAllStepsDepend() {
    Search search = search(BoundedExhaustive.withSleepSets(), writers(3, 3));
    assertEquals(20, search.schedules());
    assertEquals(20, search.outcomes().size());
  }

  @Test
  void randomProgramsHaveTheSameOutcomesReduced() {
    SplitMix random = new SplitMix();
    for (int seed = 0; seed < 60; seed++) {
      random.seed(20261121, seed);
      String[] plans = new String[2 + random.below(2)];
      for (int task = 0; task < plans.length; task++) {
        StringBuilder plan = new StringBuilder();
        for (int i = 1 + random.below(plans.length == 2 ? 5 : 3); i > 0; i--) {
          plan.append(random.below(3));
        }
        plans[task] = plan.toString();
      }
      assertEquals(
          search(BoundedExhaustive.unbounded(), registers(plans)).outcomes(),
          search(BoundedExhaustive.withSleepSets(), registers(plans)).outcomes(),
          "seed " + seed + ": " + String.join(" ", plans));
    }
  }

  /** A hand-made lock that parks: both searches see the dead-lock, and how often it can be won. */
  @Test
  void sleepSetsKeepDeadlocksAndWakeups() {
    Search all = search(BoundedExhaustive.unbounded(), () -> new Philosophers());
    Search reduced = search(BoundedExhaustive.withSleepSets(), () -> new Philosophers());
    assertEquals(all.outcomes(), reduced.outcomes());
    assertTrue(
        all.outcomes().stream().anyMatch(outcome -> outcome.startsWith("STUCK")),
        () -> all.outcomes().toString());
    assertTrue(reduced.schedules() < all.schedules());
  }

  /** Two tasks that take two locks in opposite order, and one that takes the second only. */
  private static final class Philosophers implements Program {
    private final ToyLock left = new ToyLock();
    private final ToyLock right = new ToyLock();

    @Override
    @SuppressWarnings("unchecked")
    public void run(SimMachine machine) {
      Toys.of(
              m -> both(m, left, right),
              m -> both(m, right, left),
              m -> {
                right.take(m);
                right.give(m);
              })
          .accept(machine);
    }

    private static void both(SimMachine machine, ToyLock outer, ToyLock inner) {
      outer.take(machine);
      inner.take(machine);
      inner.give(machine);
      outer.give(machine);
    }

    @Override
    public String outcome() {
      return left.history + "|" + right.history;
    }
  }

  private static final class ToyLock {
    private final StringBuilder history = new StringBuilder();
    private final List<org.hmm4j.machine.Task> waiters = new ArrayList<>();
    private boolean taken;

    void take(SimMachine machine) {
      machine.preemptionPoint(Step.LOCK, this);
      while (taken) {
        waiters.add(machine.current());
        machine.park();
      }
      taken = true;
      history.append(machine.current().id());
    }

    void give(SimMachine machine) {
      machine.preemptionPoint(Step.UNLOCK, this);
      taken = false;
      if (!waiters.isEmpty()) {
        machine.unpark(waiters.remove(0));
      }
    }
  }

  @Test
  void indexesComeInOrderAndZeroBeginsAnew() {
    BoundedExhaustive scheduler = BoundedExhaustive.unbounded();
    Consumer<SimMachine> program = Toys.steps(2, 2);
    try (SimMachine machine = new SimMachine(Backend.PLATFORM)) {
      Set<Schedule> seen = new HashSet<>();
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
          assertTrue(scheduler.begin(i));
          Toys.run(machine, scheduler, program);
          seen.add(machine.schedule());
        }
      }
      assertEquals(3, seen.size(), "the second round repeats the first");
      assertThrows(IllegalArgumentException.class, () -> scheduler.begin(7));
    }
  }

  @Test
  void programThatChangesIsRefused() {
    BoundedExhaustive scheduler = BoundedExhaustive.unbounded();
    try (SimMachine machine = new SimMachine(Backend.PLATFORM)) {
      scheduler.begin(0);
      Toys.run(machine, scheduler, Toys.steps(3, 3));
      scheduler.begin(1);
      assertNotDeterministic(() -> Toys.run(machine, scheduler, Toys.steps(3, 2, 1)));
    }
  }

  @Test
  void programThatEndsTooEarlyIsRefused() {
    BoundedExhaustive scheduler = BoundedExhaustive.unbounded();
    try (SimMachine machine = new SimMachine(Backend.PLATFORM)) {
      scheduler.begin(0);
      Toys.run(machine, scheduler, Toys.steps(3, 3));
      scheduler.begin(1);
      Toys.run(machine, scheduler, Toys.steps(1, 3));
      assertNotDeterministic(() -> scheduler.begin(2));
    }
  }

  private static void assertNotDeterministic(Executable executable) {
    ScheduleDivergedException thrown = assertThrows(ScheduleDivergedException.class, executable);
    assertTrue(thrown.getMessage().contains("choice"), thrown::getMessage);
  }

  @Test
  void negativeBoundIsRefused() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> BoundedExhaustive.withPreemptions(-1));
    assertTrue(thrown.getMessage().contains("-1"), thrown::getMessage);
  }
}

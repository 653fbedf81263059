// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of schedulers, and schedulers that take turns. */
final class SchedulersTest {

  @ParameterizedTest
  @CsvSource({
    "random, random",
    "pct, pct:3",
    "pct:2, pct:2",
    "pos, pos",
    "urw, urw",
    "round-robin, round-robin",
    "exhaustive, exhaustive",
    "exhaustive:2, exhaustive:2",
    "exhaustive:0, exhaustive:0",
    "sleep-sets, sleep-sets",
    "portfolio, portfolio"
  })
  void namesMakeSchedulers(String name, String fullName) {
    SchedulerFactory factory = Schedulers.parse(name);
    assertEquals(fullName, factory.name());
    assertEquals(fullName, Schedulers.parse(factory.name()).name(), "a name parses to itself");
    assertTrue(factory.create(7).begin(0));
  }

  @ParameterizedTest
  @CsvSource({
    "rondom, no scheduler 'rondom'",
    "'', no scheduler ''",
    "random:3, no scheduler 'random:3'",
    "Random, no scheduler 'Random'",
    "pct:, is not a number",
    "pct:two, 'two' is not a number",
    "pct:0, depth of 1 or more: 0",
    "exhaustive:-1, 0 or more preemptions: -1"
  })
  void wrongNamesSayWhatIsWrong(String name, String message) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> Schedulers.parse(name));
    assertTrue(thrown.getMessage().contains(message), thrown::getMessage);
  }

  @Test
  void unknownNameListsTheKnown() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> Schedulers.parse("rondom"));
    Schedulers.names()
        .forEach(name -> assertTrue(thrown.getMessage().contains(name), thrown::getMessage));
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "pct:2", "pct:3", "pos", "urw", "portfolio", "exhaustive:2"})
  void sameSeedSameSchedules(String name) {
    List<Schedule> first = schedules(name, 7);
    assertEquals(first, schedules(name, 7));
    if (!name.startsWith("exhaustive")) {
      assertFalse(first.equals(schedules(name, 8)), "another seed, other schedules");
      assertTrue(first.stream().distinct().count() > 5, "schedules differ");
    }
  }

  private static List<Schedule> schedules(String name, long seed) {
    List<Schedule> schedules = new ArrayList<>();
    Scheduler scheduler = Schedulers.parse(name).create(seed);
    try (SimMachine machine = new SimMachine(Backend.best())) {
      Toys.pilot(machine, scheduler, Toys.steps(5, 5, 5));
      for (int i = 0; i < 20; i++) {
        scheduler.begin(i);
        assertEquals(Ending.COMPLETED, Toys.run(machine, scheduler, Toys.steps(5, 5, 5)));
        schedules.add(machine.schedule());
      }
    }
    return schedules;
  }

  /** A scheduler that takes down what it is asked. */
  private static final class Scribe implements Scheduler {
    private final List<Long> begun = new ArrayList<>();
    private final boolean everyStep;
    private final boolean pilot;
    private final long last;
    private Pilot learnt;

    Scribe(boolean everyStep, boolean pilot, long last) {
      this.everyStep = everyStep;
      this.pilot = pilot;
      this.last = last;
    }

    @Override
    public boolean begin(long index) {
      begun.add(index);
      return index <= last;
    }

    @Override
    public int choose(RunQueue queue) {
      return Long.numberOfTrailingZeros(queue.runnable());
    }

    @Override
    public boolean seesEveryStep() {
      return everyStep;
    }

    @Override
    public boolean wantsPilot() {
      return pilot;
    }

    @Override
    public void learn(Pilot shown) {
      learnt = shown;
    }
  }

  @Test
  void membersTakeTurns() {
    Scribe first = new Scribe(true, false, Long.MAX_VALUE);
    Scribe second = new Scribe(false, true, 1);
    Portfolio portfolio = new Portfolio(List.of(first, second));
    assertTrue(portfolio.wantsPilot());
    Pilot pilot = new Pilot(3, new int[] {3});
    portfolio.learn(pilot);
    assertEquals(pilot, second.learnt);
    assertEquals(null, first.learnt, "who wants no pilot gets none");
    for (int i = 0; i < 5; i++) {
      assertTrue(portfolio.begin(i));
      assertEquals(i % 2 == 0, portfolio.seesEveryStep());
    }
    assertFalse(portfolio.begin(5), "the second member is complete");
    assertEquals(List.of(0L, 1L, 2L), first.begun);
    assertEquals(List.of(0L, 1L, 2L), second.begun);
  }

  @Test
  void emptyPortfolioIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Portfolio(List.of()));
  }

  @Test
  void defaultPortfolioIsThatOfTheNames() {
    assertEquals(
        List.of("random", "pct:2", "pct:3", "pos", "urw"),
        Schedulers.portfolio().stream().map(SchedulerFactory::name).toList());
    assertInstanceOf(Portfolio.class, Schedulers.parse("portfolio").create(1));
  }

  /** Every task is chosen within a slice of the others. */
  @Test
  void roundRobinIsFair() {
    RoundRobin scheduler = new RoundRobin();
    try (SimMachine machine = new SimMachine(Backend.best())) {
      for (int index : new int[] {0, 1, 64, 200}) {
        int slice = 1 + index / 64;
        scheduler.begin(index);
        Toys.run(machine, scheduler, Toys.steps(12, 12, 12));
        byte[] choices = machine.schedule().choices();
        int sameInARow = 1;
        for (int i = 1; i < choices.length; i++) {
          sameInARow = choices[i] == choices[i - 1] ? sameInARow + 1 : 1;
          assertTrue(sameInARow <= slice, "index " + index + ", choice " + i);
        }
      }
    }
  }
}

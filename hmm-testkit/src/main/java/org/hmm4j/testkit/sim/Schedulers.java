// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** The names of the schedulers. */
public final class Schedulers {

  private static final int USUAL_DEPTH = 3;

  /** What runs where nobody says what. */
  private static final List<String> MEMBERS = List.of("random", "pct:2", "pct:3", "pos", "urw");

  private Schedulers() {}

  /**
   * Returns the names that {@link #parse} knows, with N where a number may stand.
   *
   * @return the names
   */
  public static List<String> names() {
    return Stream.of(Kind.values()).map(kind -> kind.pattern).toList();
  }

  /**
   * Returns the schedulers of the default portfolio.
   *
   * @return a factory for each member, in the order of their turns
   */
  public static List<SchedulerFactory> portfolio() {
    return MEMBERS.stream().map(Schedulers::parse).toList();
  }

  /**
   * Finds a kind of scheduler.
   *
   * @param name {@code random}, {@code pct:DEPTH} ({@code pct} is {@code pct:3}), {@code pos},
   *     {@code urw}, {@code round-robin}, {@code exhaustive} or {@code exhaustive:PREEMPTIONS},
   *     {@code sleep-sets}, {@code portfolio}
   * @return its factory
   * @throws IllegalArgumentException if there is no such name, or if the number is none, or is out
   *     of range
   */
  public static SchedulerFactory parse(String name) {
    Objects.requireNonNull(name, "name");
    int colon = name.indexOf(':');
    String word = colon < 0 ? name : name.substring(0, colon);
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(word)) {
        if (colon < 0) {
          return new Named(kind.plainName, kind.plain);
        }
        if (kind.numbered != null) {
          return numbered(kind, name, name.substring(colon + 1));
        }
      }
    }
    throw new IllegalArgumentException(
        "no scheduler '%s'; there are %s".formatted(name, String.join(", ", names())));
  }

  private static SchedulerFactory numbered(Kind kind, String name, String text) {
    int number;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "scheduler '%s': '%s' is not a number".formatted(name, text), notANumber);
    }
    LongFunction<Scheduler> maker = kind.numbered.apply(number);
    // Says now what is wrong with the number, and not when the first schedule begins.
    maker.apply(0);
    return new Named(kind.word() + ":" + number, maker);
  }

  private static Scheduler members(long seed) {
    return new Portfolio(portfolio().stream().map(member -> member.create(seed)).toList());
  }

  /** A kind of scheduler, and how it is made without a number and with one. */
  private enum Kind {
    RANDOM("random", RandomWalk::new),
    PCT("pct:N", "pct:" + USUAL_DEPTH, s -> new Pct(s, USUAL_DEPTH), n -> s -> new Pct(s, n)),
    POS("pos", Pos::new),
    URW("urw", UniformRandomWalk::new),
    ROUND_ROBIN("round-robin", s -> new RoundRobin()),
    EXHAUSTIVE(
        "exhaustive[:N]",
        "exhaustive",
        s -> BoundedExhaustive.unbounded(),
        n -> s -> BoundedExhaustive.withPreemptions(n)),
    SLEEP_SETS("sleep-sets", s -> BoundedExhaustive.withSleepSets()),
    PORTFOLIO("portfolio", Schedulers::members);

    private final String pattern;
    private final String plainName;
    private final LongFunction<Scheduler> plain;
    private final IntFunction<LongFunction<Scheduler>> numbered;

    Kind(String name, LongFunction<Scheduler> plain) {
      this(name, name, plain, null);
    }

    Kind(
        String pattern,
        String plainName,
        LongFunction<Scheduler> plain,
        IntFunction<LongFunction<Scheduler>> numbered) {
      this.pattern = pattern;
      this.plainName = plainName;
      this.plain = plain;
      this.numbered = numbered;
    }

    String word() {
      return pattern.replaceAll("[:\\[].*", "");
    }
  }

  private record Named(String name, LongFunction<Scheduler> maker) implements SchedulerFactory {

    @Override
    public Scheduler create(long seed) {
      return maker.apply(seed);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}

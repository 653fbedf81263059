// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Program;

/** All bugs with their scenarios, in the order of their names. */
public final class Gallery {

  /** How an exploration of the engine as it is is named: this and the scenario. */
  static final String CLEAN = "clean/";

  private Gallery() {}

  /**
   * Returns all bugs.
   *
   * @return a new list
   */
  public static List<Bug> bugs() {
    Map<String, Function<Subject, Program<?>>> scenarios = new TreeMap<>();
    LifetimeScenarios.addTo(scenarios);
    InvalidationScenarios.addTo(scenarios);
    WalkScenarios.addTo(scenarios);
    return Mutants.all().stream()
        .map(mutant -> bug(mutant, scenarios.get(mutant.name())))
        .sorted(Comparator.comparing(Bug::id))
        .toList();
  }

  private static Bug bug(Mutant mutant, Function<Subject, Program<?>> scenario) {
    if (scenario == null) {
      throw new IllegalStateException("no scenario for mutant " + mutant.name());
    }
    return new Bug(mutant, scenario);
  }

  /**
   * Finds bugs.
   *
   * @param name an id, or a card for all bugs of it
   * @return the bugs of that name; empty if there are none
   */
  public static List<Bug> find(String name) {
    return bugs().stream().filter(bug -> bug.id().equals(name) || bug.card().equals(name)).toList();
  }

  /** Finds the one bug with an id. */
  static Bug one(String id) {
    return bugs().stream()
        .filter(bug -> bug.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the gallery has no scenario '%s'; there are those of the bugs, and %s"
                        .formatted(id, String.join(", ", MixedScenarios.all().keySet()))));
  }

  /**
   * Prepares a run of a scenario on the engine as it is, where nothing may be found.
   *
   * @param scenario the id of a bug, or the name of a scenario that shows no bug
   * @return an exploration with the defaults, named {@code clean/} and the name
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Exploration clean(String scenario) {
    Program<?> mixed = MixedScenarios.all().get(scenario);
    return mixed == null ? one(scenario).clean() : Exploration.of(mixed).name(CLEAN + scenario);
  }
}

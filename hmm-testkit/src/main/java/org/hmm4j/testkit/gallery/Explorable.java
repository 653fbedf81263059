// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Program;

/**
 * A scenario of the engine as it is, without a bug of the gallery: only checked to be clean.
 *
 * @param name its group, a slash and what happens, such as {@code devmem/private-fork}
 * @param program what is done
 */
public record Explorable(String name, Program<?> program) {

  /**
   * Returns all of them.
   *
   * @return in the order of their names
   */
  public static List<Explorable> all() {
    Map<String, Program<?>> programs = new TreeMap<>();
    MigrationScenarios.addTo(programs);
    return programs.entrySet().stream()
        .map(entry -> new Explorable(entry.getKey(), entry.getValue()))
        .toList();
  }

  /**
   * Finds scenarios.
   *
   * @param name a name, or a group for all of it
   * @return the scenarios; empty if there are none
   */
  public static List<Explorable> find(String name) {
    return all().stream()
        .filter(one -> one.name.equals(name) || one.name.startsWith(name + "/"))
        .toList();
  }

  /**
   * Prepares a run.
   *
   * @return an exploration with the defaults, of this name
   */
  public Exploration explore() {
    return Exploration.of(program).name(name);
  }
}

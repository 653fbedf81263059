// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A recorded file.
 *
 * @param name what reports call it
 * @param scenarios its scenarios, in order; they share nothing
 */
public record Trace(String name, List<Scenario> scenarios) {

  /**
   * Checks that nothing is missing.
   *
   * @param name what reports call it
   * @param scenarios its scenarios
   */
  public Trace {
    Objects.requireNonNull(name, "name");
    scenarios = List.copyOf(scenarios);
  }

  /**
   * Returns how many operations all scenarios have together.
   *
   * @return a number of operations
   */
  public long operations() {
    return scenarios.stream().mapToLong(scenario -> scenario.steps().size()).sum();
  }

  /**
   * Returns the text of the file.
   *
   * @return the scenarios with an empty line between them
   */
  @Override
  public String toString() {
    return scenarios.stream().map(Scenario::toString).collect(Collectors.joining("\n"));
  }
}

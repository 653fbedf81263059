// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;

/**
 * The first place at which a scenario went another way than on Linux.
 *
 * @param trace the name of the trace
 * @param line the number of the line in the trace, from 1
 * @param scenario the name of the scenario
 * @param operation what was done, as it stands in the trace; {@code "end"} for what was found after
 *     the last operation
 * @param expected what Linux answered
 * @param actual what the model answered, or how it failed
 * @param notes warnings, leaks and where an exception came from, a line each
 * @param picture the pages concerned as they are after the operation, a line each: the page tables
 *     side by side, with {@code >} at the pages that differ; empty if there is nothing to show
 */
public record Difference(
    String trace,
    int line,
    String scenario,
    String operation,
    String expected,
    String actual,
    List<String> notes,
    List<String> picture) {

  /**
   * Checks that nothing is missing.
   *
   * @param trace the name of the trace
   * @param line the number of the line in the trace
   * @param scenario the name of the scenario
   * @param operation what was done
   * @param expected what Linux answered
   * @param actual what the model answered
   * @param notes warnings, leaks and where an exception came from
   * @param picture the pages concerned
   */
  public Difference {
    Objects.requireNonNull(trace, "trace");
    Objects.requireNonNull(scenario, "scenario");
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(actual, "actual");
    notes = List.copyOf(notes);
    picture = List.copyOf(picture);
  }

  /**
   * Returns the whole report.
   *
   * @return some lines, each ended
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("%s:%d: %s: %s%n".formatted(trace, line, scenario, operation));
    text.append("  Linux  %s%n".formatted(expected));
    text.append("  model  %s%n".formatted(actual));
    notes.forEach(note -> text.append("         %s%n".formatted(note)));
    picture.forEach(row -> text.append("  %s%n".formatted(row)));
    return text.toString().replace(System.lineSeparator(), "\n");
  }
}

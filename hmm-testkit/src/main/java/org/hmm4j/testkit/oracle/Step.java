// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Objects;

/**
 * One line of a scenario.
 *
 * @param line its number in the trace, from 1
 * @param operation what was done
 * @param expected what Linux answered
 */
public record Step(int line, Operation operation, Answer expected) {

  /**
   * Checks that nothing is missing.
   *
   * @param line its number in the trace, from 1
   * @param operation what was done
   * @param expected what Linux answered
   */
  public Step {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(expected, "expected");
  }

  /**
   * Returns the line as it stands in a trace.
   *
   * @return operation, arrow and answer
   */
  @Override
  public String toString() {
    return operation + " => " + expected;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;

/**
 * What came of replaying a trace. Each operation is counted once: {@code matched}, {@code
 * unsupported}, {@code notRun}, or it is the operation of a difference.
 *
 * @param trace the name of the trace
 * @param scenarios how many scenarios it has
 * @param operations how many operations they have together
 * @param matched how many operations answered as on Linux
 * @param unsupported how many operations the world could not do, and those after one
 * @param notRun how many operations came after a difference
 * @param differences the first difference of each scenario that has one
 */
public record ReplayReport(
    String trace,
    int scenarios,
    long operations,
    long matched,
    long unsupported,
    long notRun,
    List<Difference> differences) {

  /**
   * Checks that nothing is missing.
   *
   * @param trace the name of the trace
   * @param scenarios how many scenarios it has
   * @param operations how many operations they have together
   * @param matched how many operations answered as on Linux
   * @param unsupported how many operations the world could not do
   * @param notRun how many operations came after a difference
   * @param differences the first difference of each scenario that has one
   */
  public ReplayReport {
    Objects.requireNonNull(trace, "trace");
    differences = List.copyOf(differences);
  }

  /**
   * Returns how many scenarios went another way than on Linux.
   *
   * @return the number of differences
   */
  public int differing() {
    return differences.size();
  }

  /**
   * Returns whether the model did everything, and all of it as Linux.
   *
   * @return false also if something was unsupported
   */
  public boolean allMatched() {
    return matched == operations && differences.isEmpty();
  }
}

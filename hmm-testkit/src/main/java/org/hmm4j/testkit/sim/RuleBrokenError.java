// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * An invariant that has a name does not hold. Two failures of different rules are different ones.
 */
public final class RuleBrokenError extends AssertionError {

  private static final long serialVersionUID = 1L;

  private final String rule;

  /**
   * Makes a report.
   *
   * @param rule the name of the invariant, such as {@code I26}
   * @param message what is not as it should be
   */
  public RuleBrokenError(String rule, String message) {
    super(rule + ": " + message);
    this.rule = rule;
  }

  /**
   * Requires that an invariant holds.
   *
   * @param holds whether it does
   * @param rule the name of the invariant
   * @param message what is wrong if it does not
   * @throws RuleBrokenError if it does not hold
   */
  public static void unless(boolean holds, String rule, String message) {
    if (!holds) {
      throw new RuleBrokenError(rule, message);
    }
  }

  /**
   * Returns the invariant.
   *
   * @return its name
   */
  public String rule() {
    return rule;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

/** An invariant of the specification does not hold. */
final class RuleBroken extends AssertionError {

  private static final long serialVersionUID = 1L;

  private final String rule;

  /**
   * Makes a report.
   *
   * @param rule the number of the invariant
   * @param message what is not as it should be
   */
  RuleBroken(String rule, String message) {
    super(rule + ": " + message);
    this.rule = rule;
  }

  static void unless(boolean holds, String rule, String message) {
    if (!holds) {
      throw new RuleBroken(rule, message);
    }
  }

  String rule() {
    return rule;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * A replay came to another state than the run that was recorded: something in the scenario depends
 * on more than the schedule.
 */
public final class ScheduleDivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param where the first difference
   */
  public ScheduleDivergedException(String where) {
    super("the replay diverges: " + where);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * A scenario fails under some schedule; the message says which, shows it step by step, and says how
 * to replay it.
 */
public final class ScheduleFailedError extends AssertionError {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  /**
   * Makes an error.
   *
   * @param scenario the name of the scenario
   * @param failure what was found
   */
  public ScheduleFailedError(String scenario, Failure failure) {
    super(
        "%s fails%n%s%n%n%s"
            .formatted(scenario, failure, String.join("\n", failure.report().table())),
        failure.cause().orElse(null));
    this.failure = failure;
  }

  /**
   * Returns what was found.
   *
   * @return the failure; null after serialization
   */
  public Failure failure() {
    return failure;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.Objects;

/**
 * A misuse at which the kernel prints a warning and goes on: {@code WARN_ON},
 * include/asm-generic/bug.h.
 *
 * @param task the task that was warned
 * @param message the object, the rule and the value that broke it
 * @param site where it happened
 */
public record Warning(String task, String message, Throwable site) {

  /**
   * Checks that nothing is missing.
   *
   * @param task the task
   * @param message what happened
   * @param site where
   */
  public Warning {
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(site, "site");
  }

  @Override
  public String toString() {
    return "WARNING: " + message + " (task " + task + ")";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

/** Something that the user named is not there or not as it should be. */
final class BadInputException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * Makes a report.
   *
   * @param message one line for the user
   * @param cause what failed, may be null
   */
  BadInputException(String message, Throwable cause) {
    super(message, cause);
  }
}

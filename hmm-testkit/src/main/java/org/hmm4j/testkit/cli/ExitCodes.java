// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

/** What the process answers. */
final class ExitCodes {

  /** All is well. */
  static final int OK = 0;

  /** Something differs from Linux, or was not done. */
  static final int NOT_ALL_MATCHED = 1;

  /** The command line or a file is not as it should be. */
  static final int BAD_INPUT = 2;

  /** A bug of this program. */
  static final int INTERNAL_ERROR = 3;

  private ExitCodes() {}
}

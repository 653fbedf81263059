// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** Throws a task out of a run that is over already. Not for catching: nobody looks any more. */
final class GivenUp extends Error {

  private static final long serialVersionUID = 1L;

  GivenUp() {
    super("this run is over", null, false, false);
  }
}

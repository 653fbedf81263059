// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** Hears how far a replay is. */
@FunctionalInterface
public interface ReplayProgress {

  /** Hears nothing. */
  ReplayProgress NONE = (trace, done) -> {};

  /**
   * A scenario has ended. Called from the task that replays, between two scenarios.
   *
   * @param trace what is replayed
   * @param done how many of its scenarios have ended
   */
  void scenarioDone(Trace trace, int done);
}

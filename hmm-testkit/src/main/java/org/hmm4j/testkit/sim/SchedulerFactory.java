// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** Makes schedulers of one kind: a search uses one for each of its threads. */
public interface SchedulerFactory {

  /**
   * Returns the name of the kind, as in a token and on the command line.
   *
   * @return such as {@code pct:3}
   */
  String name();

  /**
   * Makes a scheduler.
   *
   * @param seed what all of its schedules depend on
   * @return a new one
   */
  Scheduler create(long seed);
}

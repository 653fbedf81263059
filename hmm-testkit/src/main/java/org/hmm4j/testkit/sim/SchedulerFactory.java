// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** Makes the schedulers of one kind. */
public interface SchedulerFactory {

  /**
   * Returns what {@link Schedulers#parse} makes this factory from.
   *
   * @return a name without spaces
   */
  String name();

  /**
   * Makes a scheduler.
   *
   * @param seed any number; the same seed makes the same choices
   * @return a new scheduler
   */
  Scheduler create(long seed);
}

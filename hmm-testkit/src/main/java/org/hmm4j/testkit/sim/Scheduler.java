// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Chooses which task goes on, at each place where there is a choice. A scheduler is used by one
 * thread and sees one schedule after the other.
 *
 * <p>The choices depend on nothing but the seed that the scheduler was made with, the index of the
 * schedule and what it is shown: then a schedule is the same on every machine, JDK and back end.
 */
public interface Scheduler {

  /**
   * Makes ready for a schedule.
   *
   * @param index the number of the schedule, 0 or more; most schedulers take any order
   * @return false if there is no such schedule: the search is complete
   */
  boolean begin(long index);

  /**
   * Chooses who goes on. Called where more than one task can, or at every step if {@link
   * #seesEveryStep}.
   *
   * @param queue the tasks, valid during the call
   * @return the number of a runnable task
   */
  int choose(RunQueue queue);

  /**
   * Returns whether {@link #choose} is called also where only one task can go on.
   *
   * @return false, unless overridden
   */
  default boolean seesEveryStep() {
    return false;
  }

  /**
   * Returns whether schedules must be asked for in the order 0, 1, 2, because each depends on those
   * before: then one thread does all of them.
   *
   * @return false, unless overridden
   */
  default boolean inOrder() {
    return false;
  }

  /**
   * Returns whether this scheduler wants to know the length of a schedule before the first: then
   * one is run by a {@link RandomWalk} and shown to {@link #learn}.
   *
   * @return false, unless overridden
   */
  default boolean wantsPilot() {
    return false;
  }

  /**
   * Learns from a schedule that another scheduler has chosen.
   *
   * @param pilot its length
   */
  default void learn(Pilot pilot) {}
}

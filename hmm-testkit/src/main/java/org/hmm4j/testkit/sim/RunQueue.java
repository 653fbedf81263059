// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.machine.Step;

/**
 * What a {@link Scheduler} may look at when it chooses: {@code struct rq} of kernel/sched/sched.h.
 * Tasks are named by their number, 0 to 63, in the order in which they were spawned; number 0 runs
 * the set-up.
 */
public interface RunQueue {

  /**
   * Returns who can go on.
   *
   * @return a set of tasks, bit {@code 1L << n} for task n; never empty
   */
  long runnable();

  /**
   * Returns who came to this point and could go on.
   *
   * @return the number of a runnable task, or -1 if the one that ran has blocked or ended
   */
  int running();

  /**
   * Returns how many steps the tasks have done in this schedule.
   *
   * @return the steps before this point
   */
  int steps();

  /**
   * Returns how many steps a task has done in this schedule.
   *
   * @param task the number of a runnable task
   * @return its steps before this point
   */
  int steps(int task);

  /**
   * Returns what a task does when it is chosen.
   *
   * @param task the number of a runnable task
   * @return its next step; the step it slept in if it was woken; null if it has not come to a step
   *     yet, so that nobody knows
   */
  Step step(int task);

  /**
   * Returns what a task does its next step to.
   *
   * @param task the number of a runnable task
   * @return the object, compared by identity; null if nobody knows
   */
  Object object(int task);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** How a run of a {@link SimMachine} ended. */
enum Ending {
  /** All tasks have ended. */
  COMPLETED,
  /** A task has thrown. */
  THROWN,
  /** No task can go on, and none sleeps until some time. */
  STUCK,
  /** As stuck, but a task could go on if somebody woke it. */
  LOST,
  /** The budget of steps is used up, the second half of it round robin. */
  BUDGET
}

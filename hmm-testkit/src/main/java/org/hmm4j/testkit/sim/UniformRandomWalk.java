// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;

/**
 * A random walk that chooses a task the more likely the more steps it has left.
 *
 * <p>Promise: if each task always does the same number of steps and none waits for another, all
 * interleavings are equally likely; a plain random walk lets short tasks end too early (Zhao,
 * Wolff, Mathur, Roychoudhury: "Selectively uniform concurrency testing", ASPLOS 2025, algorithm
 * URW). The numbers of steps are taken from a pilot schedule. A task with more steps than there, or
 * one that the pilot had not, counts as having one left. Does not select steps as the paper's SURW
 * does: here every step is at an object that tasks share.
 */
public final class UniformRandomWalk implements Scheduler {

  private final long seed;
  private final SplitMix random = new SplitMix();
  private final int[] expected = new int[SimMachine.MAX_TASKS];

  /**
   * Makes a scheduler.
   *
   * @param seed any number
   */
  public UniformRandomWalk(long seed) {
    this.seed = seed;
  }

  @Override
  public boolean wantsPilot() {
    return true;
  }

  @Override
  public void learn(Pilot pilot) {
    Arrays.fill(expected, 0);
    System.arraycopy(pilot.stepsByTask(), 0, expected, 0, pilot.stepsByTask().length);
  }

  @Override
  public boolean begin(long index) {
    random.seed(seed, index);
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    long runnable = queue.runnable();
    int total = 0;
    for (long rest = runnable; rest != 0; rest &= rest - 1) {
      total += left(queue, Long.numberOfTrailingZeros(rest));
    }
    int ticket = random.below(total);
    long rest = runnable;
    int task = Long.numberOfTrailingZeros(rest);
    for (ticket -= left(queue, task); ticket >= 0; ticket -= left(queue, task)) {
      rest &= rest - 1;
      task = Long.numberOfTrailingZeros(rest);
    }
    return task;
  }

  /** The step that a task has come to and not done is counted as done already. */
  private int left(RunQueue queue, int task) {
    int pending = queue.step(task) == null ? 0 : 1;
    return Math.max(1, expected[task] - queue.steps(task) + pending);
  }
}

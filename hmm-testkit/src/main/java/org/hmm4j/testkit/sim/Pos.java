// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.machine.Step;

/**
 * Partial order sampling: the next step of each task has a random priority, and the highest one
 * goes on. A step that races with the one just done gets a new priority, so that the order of two
 * racing steps says little about that of the next two.
 *
 * <p>Promise: every order of the racing steps has a chance, and the least chance of one is
 * exponentially better than with a random walk where few of the steps race (Yuan, Yang, Gu:
 * "Partial order aware concurrency sampling", CAV 2018). A step that is not known counts as racing
 * with all.
 */
public final class Pos implements Scheduler {

  private final long seed;
  private final SplitMix random = new SplitMix();
  private final long[] priorities = new long[SimMachine.MAX_TASKS];

  /** The tasks whose priorities hold: those that could go on and were not chosen. */
  private long waiting;

  private Step lastStep;
  private Object lastObject;

  /**
   * Makes a scheduler.
   *
   * @param seed any number
   */
  public Pos(long seed) {
    this.seed = seed;
  }

  @Override
  public boolean seesEveryStep() {
    return true;
  }

  @Override
  public boolean begin(long index) {
    random.seed(seed, index);
    waiting = 0;
    lastStep = null;
    lastObject = null;
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    long runnable = queue.runnable();
    int best = -1;
    for (long rest = runnable; rest != 0; rest &= rest - 1) {
      int task = Long.numberOfTrailingZeros(rest);
      if (!Bits.has(waiting, task)
          || Dependence.between(lastStep, lastObject, queue.step(task), queue.object(task))) {
        priorities[task] = random.next();
      }
      if (best < 0 || priorities[task] > priorities[best]) {
        best = task;
      }
    }
    waiting = runnable & ~(1L << best);
    lastStep = queue.step(best);
    lastObject = queue.object(best);
    return best;
  }
}

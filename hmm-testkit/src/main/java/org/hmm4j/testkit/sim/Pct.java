// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;

/**
 * Probabilistic concurrency testing: the task of the highest priority runs; priorities are random,
 * and at {@code depth - 1} random steps the running task drops below all others.
 *
 * <p>Promise: a bug that needs {@code depth} ordered steps, in a program of n tasks and k steps, is
 * found by one schedule with a probability of at least {@code 1 / (n * k^(depth-1))} (Burckhardt,
 * Kothari, Musuvathi, Nagarakatte: "A randomized scheduler with probabilistic guarantees of finding
 * bugs", ASPLOS 2010). k is taken from a pilot schedule; a longer schedule has no change points in
 * its last part.
 */
public final class Pct implements Scheduler {

  private final long seed;
  private final SplitMix random = new SplitMix();
  private final long[] priorities = new long[SimMachine.MAX_TASKS];

  /**
   * The steps at which the running task drops, ascending, each with the number in which it was
   * drawn: step in the upper half, number in the lower.
   */
  private final long[] changes;

  private int expectedSteps = 1;
  private int passed;
  private long known;

  /**
   * Makes a scheduler.
   *
   * @param seed any number
   * @param depth the ordered steps that a bug needs, 1 or more
   * @throws IllegalArgumentException if depth is below 1
   */
  public Pct(long seed, int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("pct needs a depth of 1 or more: " + depth);
    }
    this.seed = seed;
    this.changes = new long[depth - 1];
  }

  @Override
  public boolean wantsPilot() {
    return true;
  }

  @Override
  public void learn(Pilot pilot) {
    expectedSteps = Math.max(1, pilot.steps());
  }

  @Override
  public boolean begin(long index) {
    random.seed(seed, index);
    for (int i = 0; i < changes.length; i++) {
      changes[i] = (long) random.below(expectedSteps) << Integer.SIZE | i;
    }
    Arrays.sort(changes);
    passed = 0;
    known = 0;
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    int running = queue.running();
    while (passed < changes.length
        && queue.steps() > changes[passed] >>> Integer.SIZE
        && running >= 0) {
      // Below all random priorities; how far goes by the draw and not by the time.
      priorities[running] = -1 - (int) changes[passed];
      known |= 1L << running;
      passed++;
    }
    long runnable = queue.runnable();
    meet(runnable & ~known);
    int best = -1;
    for (long rest = runnable; rest != 0; rest &= rest - 1) {
      int task = Long.numberOfTrailingZeros(rest);
      if (best < 0 || priorities[task] > priorities[best]) {
        best = task;
      }
    }
    return best;
  }

  private void meet(long strangers) {
    for (long rest = strangers; rest != 0; rest &= rest - 1) {
      priorities[Long.numberOfTrailingZeros(rest)] = random.next() >>> 1;
    }
    known |= strangers;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Any runnable task, each as likely as the others, at every choice.
 *
 * <p>Promises nothing about the worst case, and finds most bugs that need few steps in the right
 * order: at least as good as bounded search on real programs (Thomson, Donaldson, Betts:
 * "Concurrency testing using schedule bounding: an empirical study", PPoPP 2014).
 */
public final class RandomWalk implements Scheduler {

  private final long seed;
  private final SplitMix random = new SplitMix();

  /**
   * Makes a random walk.
   *
   * @param seed any number
   */
  public RandomWalk(long seed) {
    this.seed = seed;
  }

  @Override
  public boolean begin(long index) {
    random.seed(seed, index);
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    long runnable = queue.runnable();
    return Bits.nth(runnable, random.below(Long.bitCount(runnable)));
  }
}

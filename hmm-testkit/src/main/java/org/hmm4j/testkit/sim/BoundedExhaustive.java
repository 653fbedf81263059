// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;

/**
 * Depth-first search of all schedules with at most so many preemptions: switches away from a task
 * that could have gone on.
 *
 * <p>Promise: if the program does the same for the same choices and ends within the first half of
 * its budget of steps, each of its schedules is run exactly once, and then {@link #begin} returns
 * false. With a bound of {@code c} preemptions the number of schedules grows with {@code k^c} only
 * and no longer exponentially in the number of steps k, and most bugs need few (Musuvathi, Qadeer:
 * "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007).
 *
 * <p>{@link #withSleepSets} leaves out schedules that only swap independent steps: at least one
 * schedule of each class is run, and a schedule that turns out to be redundant on its way is run to
 * its end (Godefroid: "Partial-order methods for the verification of concurrent systems", LNCS
 * 1032, 1996). It has no bound, since the one schedule of a class that it keeps may be one that the
 * bound forbids. It relies on the rule that steps on different objects can be swapped; a program
 * that shares data without a step breaks it.
 *
 * <p>Takes the indexes in order; index 0 begins anew.
 */
public final class BoundedExhaustive implements Scheduler {

  private static final int USUAL_DEPTH = 256;

  private final int bound;
  private final boolean reduced;

  // The path of the last schedule: at each choice who could go on, who was chosen, and whom
  // the search need not try: because it has, because of the bound, or because of a sleep set.
  private long[] sets = new long[USUAL_DEPTH];
  private long[] closed = new long[USUAL_DEPTH];
  private byte[] chosen = new byte[USUAL_DEPTH];

  /** How many choices of the path are given for this schedule. */
  private int given;

  private int depth;
  private int preemptions;
  private long asleep;

  /** Whether all that can follow in this schedule was seen before, in another order. */
  private boolean redundant;

  private long next;

  private BoundedExhaustive(int bound, boolean reduced) {
    this.bound = bound;
    this.reduced = reduced;
  }

  /**
   * Searches all schedules.
   *
   * @return a scheduler
   */
  public static BoundedExhaustive unbounded() {
    return new BoundedExhaustive(Integer.MAX_VALUE, false);
  }

  /**
   * Searches all schedules with few preemptions.
   *
   * @param preemptions the most of them, 0 or more
   * @return a scheduler
   * @throws IllegalArgumentException if the number is negative
   */
  public static BoundedExhaustive withPreemptions(int preemptions) {
    if (preemptions < 0) {
      throw new IllegalArgumentException(
          "exhaustive needs a bound of 0 or more preemptions: " + preemptions);
    }
    return new BoundedExhaustive(preemptions, false);
  }

  /**
   * Searches at least one schedule of each class of those that differ in the order of independent
   * steps only.
   *
   * @return a scheduler
   */
  public static BoundedExhaustive withSleepSets() {
    return new BoundedExhaustive(Integer.MAX_VALUE, true);
  }

  @Override
  public boolean seesEveryStep() {
    return reduced;
  }

  @Override
  public boolean inOrder() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the index is neither 0 nor the one after the last
   * @throws ScheduleDivergedException if the last schedule ended before it did what it was to try
   */
  @Override
  public boolean begin(long index) {
    if (index == 0) {
      depth = 0;
      given = 0;
    } else if (index != next) {
      throw new IllegalArgumentException(
          "an exhaustive search takes its schedules in order: %d, not %d".formatted(next, index));
    } else if (!backtrack()) {
      return false;
    }
    next = index + 1;
    depth = 0;
    preemptions = 0;
    asleep = 0;
    redundant = false;
    return true;
  }

  /** Turns to the last untried choice of the path; false if there is none. */
  private boolean backtrack() {
    if (depth < given) {
      throw new ScheduleDivergedException(
          "it ended at choice %d of %d given".formatted(depth, given));
    }
    for (int at = depth - 1; at >= 0; at--) {
      closed[at] |= 1L << chosen[at];
      long open = sets[at] & ~closed[at];
      if (open != 0) {
        chosen[at] = (byte) Long.numberOfTrailingZeros(open);
        given = at + 1;
        return true;
      }
    }
    depth = 0;
    given = 0;
    return false;
  }

  @Override
  public int choose(RunQueue queue) {
    long runnable = queue.runnable();
    int running = queue.running();
    if (depth >= given) {
      extend(runnable, running);
    } else if (sets[depth] != runnable) {
      throw new ScheduleDivergedException(
          "at choice %d these could go on: %s, and now: %s"
              .formatted(depth, Long.toBinaryString(sets[depth]), Long.toBinaryString(runnable)));
    }
    int task = chosen[depth];
    if (running >= 0 && task != running) {
      preemptions++;
    }
    if (reduced) {
      fallAsleep(queue, task);
    }
    depth++;
    return task;
  }

  private void extend(long runnable, int running) {
    if (depth == sets.length) {
      sets = Arrays.copyOf(sets, 2 * depth);
      closed = Arrays.copyOf(closed, 2 * depth);
      chosen = Arrays.copyOf(chosen, 2 * depth);
    }
    sets[depth] = runnable;
    closed[depth] = asleep & runnable;
    if (running >= 0 && preemptions == bound) {
      closed[depth] |= runnable & ~(1L << running);
    }
    redundant |= (runnable & ~closed[depth]) == 0;
    long open = runnable;
    if (redundant) {
      // The run has to end somehow; there is nothing to try on the way.
      closed[depth] = runnable;
    } else {
      open &= ~closed[depth];
    }
    boolean stays = running >= 0 && Bits.has(open, running);
    chosen[depth] = (byte) (stays ? running : Long.numberOfTrailingZeros(open));
    given = depth + 1;
  }

  /**
   * Finds the sleep set after a step: those whose next step was tried before instead of this one
   * and does not depend on it, so that doing it later leads nowhere new.
   */
  private void fallAsleep(RunQueue queue, int task) {
    long rest = closed[depth] & ~(1L << task);
    asleep = 0;
    for (; rest != 0; rest &= rest - 1) {
      int other = Long.numberOfTrailingZeros(rest);
      if (!Dependence.between(
          queue.step(task), queue.object(task), queue.step(other), queue.object(other))) {
        asleep |= 1L << other;
      }
    }
  }
}

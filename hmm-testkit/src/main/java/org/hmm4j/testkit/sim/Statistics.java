// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * What a search has done.
 *
 * @param schedules the runs
 * @param steps the steps of all runs
 * @param distinct the runs that differ in more than the order of steps on different objects
 * @param nanos the real time
 */
public record Statistics(long schedules, long steps, long distinct, long nanos) {

  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * Returns the speed of the search.
   *
   * @return schedules per second; 0 if no time passed
   */
  public double schedulesPerSecond() {
    return nanos == 0 ? 0 : schedules * NANOS_PER_SECOND / nanos;
  }

  @Override
  public String toString() {
    return "%,d schedules, %,d steps, %,d distinct, %,.0f schedules/s"
        .formatted(schedules, steps, distinct, schedulesPerSecond());
  }
}

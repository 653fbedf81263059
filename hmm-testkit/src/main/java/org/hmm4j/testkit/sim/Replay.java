// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Makes the choices of a recorded schedule again. Where the schedule has come to its end the
 * running task goes on, or else the lowest.
 *
 * <p>Promises the same run, if the scenario is deterministic; {@link ScheduleDivergedException}
 * says where it is not.
 */
final class Replay implements Scheduler {

  private final Schedule schedule;
  private int place;

  Replay(Schedule schedule) {
    this.schedule = schedule;
  }

  @Override
  public boolean begin(long index) {
    place = 0;
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    if (place == schedule.length()) {
      return queue.running() >= 0 ? queue.running() : Long.numberOfTrailingZeros(queue.runnable());
    }
    int task = schedule.choices()[place];
    if (!Bits.has(queue.runnable(), task)) {
      throw new ScheduleDivergedException(
          "choice %d of %d is task %d, which cannot go on; step %d of the run"
              .formatted(place, schedule.length(), task, queue.steps()));
    }
    place++;
    return task;
  }
}

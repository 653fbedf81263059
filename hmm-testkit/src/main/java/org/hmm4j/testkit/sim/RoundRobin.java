// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Each task does the same number of steps, then the next one in order.
 *
 * <p>Fair: a task that can go on is chosen again after at most {@code slice} steps of each other
 * task. Schedule n begins with task n and has slices of {@code 1 + n / 64} steps; nothing is
 * random.
 */
public final class RoundRobin implements Scheduler {

  private int slice = 1;
  private int left;
  private int turn;

  /** Makes a round robin. */
  public RoundRobin() {}

  @Override
  public boolean begin(long index) {
    slice = 1 + (int) Math.min(index / SimMachine.MAX_TASKS, Integer.MAX_VALUE - 1);
    left = slice;
    turn = (int) (index % SimMachine.MAX_TASKS) - 1;
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    int running = queue.running();
    if (running == turn && running >= 0 && --left > 0) {
      return running;
    }
    turn = Bits.after(queue.runnable(), turn);
    left = slice;
    return turn;
  }
}

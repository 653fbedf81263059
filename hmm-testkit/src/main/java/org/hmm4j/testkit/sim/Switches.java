// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs each task until it blocks, then the lowest, but for a list of exceptions: the schedule that
 * has as few switches as its list is long. An exception names a place by the steps of one task, so
 * that it still means the same when others are taken away.
 */
final class Switches implements Scheduler {

  /**
   * An exception.
   *
   * @param task who ran last
   * @param steps how many steps it had done
   * @param blocked whether it cannot go on
   * @param to who goes on
   */
  record Switch(int task, int steps, boolean blocked, int to) {

    private boolean isAt(int last, int done, boolean stopped) {
      return task == last && steps == done && blocked == stopped;
    }
  }

  private final List<Switch> wanted;
  private final List<Switch> made = new ArrayList<>();
  private int last;

  Switches(List<Switch> wanted) {
    this.wanted = wanted;
  }

  /** The exceptions that were made in this run: those wanted that came up. */
  List<Switch> made() {
    return List.copyOf(made);
  }

  @Override
  public boolean begin(long index) {
    made.clear();
    last = 0;
    return true;
  }

  @Override
  public boolean seesEveryStep() {
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    boolean blocked = queue.running() < 0;
    int steps = queue.steps(last);
    int chosen = usual(queue);
    for (Switch exception : wanted) {
      if (exception.isAt(last, steps, blocked) && Bits.has(queue.runnable(), exception.to)) {
        if (exception.to != chosen) {
          made.add(exception);
          chosen = exception.to;
        }
        break;
      }
    }
    last = chosen;
    return chosen;
  }

  static int usual(RunQueue queue) {
    return queue.running() >= 0 ? queue.running() : Long.numberOfTrailingZeros(queue.runnable());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/** Passes on what another scheduler chooses and lists it as {@link Switches}. */
final class SwitchRecorder implements Scheduler {

  private final Scheduler chooser;
  private final List<Switches.Switch> switches = new ArrayList<>();
  private int last;

  SwitchRecorder(Scheduler chooser) {
    this.chooser = chooser;
  }

  List<Switches.Switch> switches() {
    return List.copyOf(switches);
  }

  @Override
  public boolean begin(long index) {
    switches.clear();
    last = 0;
    return chooser.begin(index);
  }

  @Override
  public boolean seesEveryStep() {
    return true;
  }

  @Override
  public int choose(RunQueue queue) {
    long runnable = queue.runnable();
    boolean choice = (runnable & runnable - 1) != 0;
    int chosen = choice ? chooser.choose(queue) : Long.numberOfTrailingZeros(runnable);
    if (chosen != Switches.usual(queue)) {
      switches.add(new Switches.Switch(last, queue.steps(last), queue.running() < 0, chosen));
    }
    last = chosen;
    return chosen;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;
import java.util.function.Consumer;
import org.hmm4j.machine.Step;

/** Small programs for a {@link SimMachine}, and ways to run them often. */
final class Toys {

  static final int BUDGET = 20_000;

  private Toys() {}

  /** Returns a program that spawns the tasks and waits for them. */
  @SafeVarargs
  static Consumer<SimMachine> of(Consumer<SimMachine>... bodies) {
    return machine -> {
      for (int i = 0; i < bodies.length; i++) {
        Consumer<SimMachine> body = bodies[i];
        machine.spawn("t" + (i + 1), () -> body.accept(machine));
      }
      machine.awaitOthers();
    };
  }

  /** Returns tasks that do so many steps each, on one object. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static Consumer<SimMachine> steps(int... counts) {
    Object object = new Object();
    Consumer[] bodies =
        Arrays.stream(counts)
            .mapToObj(
                count ->
                    (Consumer<SimMachine>)
                        machine -> {
                          for (int i = 0; i < count; i++) {
                            machine.preemptionPoint(Step.LOCK, object);
                          }
                        })
            .toArray(Consumer[]::new);
    return of((Consumer<SimMachine>[]) bodies);
  }

  static Ending run(SimMachine machine, Scheduler scheduler, Consumer<SimMachine> program) {
    return machine.run(scheduler, BUDGET, null, () -> program.accept(machine));
  }

  /** Shows a scheduler a pilot schedule if it wants one. */
  static void pilot(SimMachine machine, Scheduler scheduler, Consumer<SimMachine> program) {
    if (scheduler.wantsPilot()) {
      RandomWalk walk = new RandomWalk(0);
      walk.begin(0);
      run(machine, walk, program);
      scheduler.learn(machine.pilot());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.bench;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;

/** The same toy for Lincheck's model checker: each volatile write is a place to switch. */
public final class LincheckToy {

  private volatile int last;

  /** Makes an instance for one run. */
  public LincheckToy() {}

  /** Passes twenty points. */
  @Operation
  public void points() {
    for (int i = 0; i < Programs.POINTS; i++) {
      last = i;
    }
  }

  /** Runs so many schedules of three threads. */
  static void run(int schedules) {
    new ModelCheckingOptions()
        .iterations(1)
        .invocationsPerIteration(schedules)
        .threads(Programs.TASKS)
        .actorsPerThread(1)
        .actorsBefore(0)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        .check(LincheckToy.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Objects;
import java.util.Optional;

/**
 * Runs the scenarios of a trace, each in a world of its own, and compares every answer with that of
 * Linux.
 *
 * <p>A scenario is run up to its first difference: what comes later would follow from it. A warning
 * of the kernel, an exception, and anything left over at the end is a difference as well.
 *
 * <p>Verified: the answer of each operation, warnings, leaks. Not verified: page frame numbers, the
 * order of events within an operation, and anything that two tasks do at a time, for the corpus was
 * recorded with one.
 */
public final class Replayer {

  private final ReplayWorldFactory factory;

  /**
   * Makes a replayer.
   *
   * @param factory makes the world for each scenario
   */
  public Replayer(ReplayWorldFactory factory) {
    this.factory = Objects.requireNonNull(factory, "factory");
  }

  /**
   * Replays a trace in the calling task.
   *
   * @param trace the trace
   * @param progress told after each scenario
   * @return what came of it
   */
  public ReplayReport replay(Trace trace, ReplayProgress progress) {
    ReplayTally tally = new ReplayTally(trace);
    int done = 0;
    for (Scenario scenario : trace.scenarios()) {
      replay(scenario, tally);
      done++;
      progress.scenarioDone(trace, done);
    }
    return tally.report();
  }

  private void replay(Scenario scenario, ReplayTally tally) {
    Optional<ReplayWorld> world = factory.create(scenario);
    if (world.isEmpty()) {
      tally.unsupported(scenario.steps().size());
      return;
    }
    new ScenarioRun(scenario, world.get(), tally).run();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.function.Function;
import org.hmm4j.testkit.sim.Program;

/**
 * A bug of the gallery: how it is put back, and the smallest scenario that shows it. The scenario
 * runs the engine as it is without an alarm, whatever the schedule.
 *
 * @param mutant the engine with the bug
 * @param scenario makes the scenario; only a bug of the wrapper depends on what it is given
 */
record Bug(Mutant mutant, Function<Subject, Program<?>> scenario) {

  /** The name on the command line, such as {@code P17(a)}. */
  String id() {
    return mutant.name();
  }

  /** The invariant that it breaks. */
  String rule() {
    return mutant.rule();
  }

  Program<?> scenario(Subject subject) {
    return scenario.apply(subject);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.function.Function;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.Program;

/**
 * A bug of the gallery: how it is put back, and the smallest scenario that shows it. The scenario
 * runs the engine as it is without an alarm, whatever the schedule.
 */
public final class Bug {

  private final Mutant mutant;
  private final Function<Subject, Program<?>> scenario;

  /**
   * Puts a bug together.
   *
   * @param mutant the engine with the bug
   * @param scenario makes the scenario; only a bug of the wrapper depends on what it is given
   */
  Bug(Mutant mutant, Function<Subject, Program<?>> scenario) {
    this.mutant = mutant;
    this.scenario = scenario;
  }

  Mutant mutant() {
    return mutant;
  }

  Program<?> scenario(Subject subject) {
    return scenario.apply(subject);
  }

  /**
   * Returns the name on the command line.
   *
   * @return the card, with a letter if it has several bugs, such as {@code P17(a)}
   */
  public String id() {
    return mutant.name();
  }

  /**
   * Returns the card of the specification.
   *
   * @return such as {@code P17}
   */
  public String card() {
    return mutant.card();
  }

  /**
   * Says what the step is that is undone.
   *
   * @return a few words
   */
  public String what() {
    return mutant.what();
  }

  /**
   * Returns the invariant that the bug breaks.
   *
   * @return such as {@code I21}
   */
  public String rule() {
    return mutant.rule();
  }

  /**
   * Says whether a failure is what this bug has to look like. Any other failure says nothing about
   * the bug: the engine, the scenario or the machine is broken in some other way.
   *
   * @param failure a failure of this bug's scenario
   * @return whether it shows the bug
   */
  public boolean isShownBy(Failure failure) {
    return mutant.signs().contains(Sign.of(failure));
  }

  /**
   * Says what a failure of this bug's scenario may look like.
   *
   * @return invariants, rules of misuse and verdicts, such as {@code I26}; in order
   */
  public List<String> signs() {
    return mutant.signs().stream().map(Sign::name).sorted().toList();
  }

  /**
   * Returns what a failure has shown broken, and not more: the invariant that it names, else the
   * misuse that the kernel reports, else the verdict.
   *
   * @param failure a failure
   * @return such as {@code I21}, {@code SLEEP_IN_ATOMIC} or {@code DEADLOCK}
   */
  public static String brokenRule(Failure failure) {
    return Sign.of(failure).name();
  }

  /**
   * Prepares a run of the scenario on the engine as it is, where nothing may be found.
   *
   * @return an exploration with the defaults, named {@code clean/} and the id
   */
  public Exploration clean() {
    return explore(Subject.ours()).name(Gallery.CLEAN + id());
  }

  /** Prepares a run of the scenario on some engine. */
  Exploration explore(Subject subject) {
    return Exploration.of(scenario(subject)).engine(subject.kernels()).name(id());
  }

  @Override
  public String toString() {
    return id() + " " + what();
  }
}

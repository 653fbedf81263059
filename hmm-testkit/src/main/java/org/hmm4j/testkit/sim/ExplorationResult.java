// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Optional;

/**
 * What an {@link Exploration} came to.
 *
 * @param scenario the name of the scenario
 * @param scheduler the name of the kind of scheduler
 * @param seed what all choices depended on
 * @param statistics what was done
 * @param failure the failing schedule of the lowest index, or empty
 */
public record ExplorationResult(
    String scenario,
    String scheduler,
    long seed,
    Statistics statistics,
    Optional<Failure> failure) {

  /**
   * Requires that no schedule has failed.
   *
   * @return this
   * @throws ScheduleFailedError if one has
   */
  public ExplorationResult assertClean() {
    failure.ifPresent(
        found -> {
          throw new ScheduleFailedError(scenario, found);
        });
    return this;
  }

  @Override
  public String toString() {
    return "%s: %s, by %s with seed %d%s"
        .formatted(
            scenario,
            statistics,
            scheduler,
            seed,
            failure.map(found -> "\n" + found).orElse(", clean"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Optional;

/** Makes the world for a scenario. */
@FunctionalInterface
public interface ReplayWorldFactory {

  /**
   * Makes a fresh world.
   *
   * @param scenario what is going to run in it
   * @return the world, or empty if this factory can't make one for the scenario's mode
   */
  Optional<ReplayWorld> create(Scenario scenario);
}

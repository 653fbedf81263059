// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.Optional;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.ScheduleDivergedException;

/**
 * How often a failure came back.
 *
 * @param same the replays that ended as the failure did
 * @param all the replays
 */
record Replays(long same, long all) {

  /** Replays a failure so many times. */
  static Replays of(Exploration exploration, Failure failure, long times) {
    exploration.replay(failure.token());
    long same = 0;
    for (long i = 0; i < times; i++) {
      if (isSame(exploration, failure)) {
        same++;
      }
    }
    return new Replays(same, times);
  }

  private static boolean isSame(Exploration exploration, Failure failure) {
    try {
      Optional<Failure> again = exploration.run().failure();
      return again.isPresent()
          && again.get().verdict() == failure.verdict()
          && again.get().steps() == failure.steps()
          && again.get().message().equals(failure.message());
    } catch (ScheduleDivergedException diverged) {
      return false;
    }
  }

  boolean isAll() {
    return same == all;
  }

  @Override
  public String toString() {
    return same + " of " + all + " the same";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A task of a {@link RunRecord}.
 *
 * @param id its number; the place in the list of tasks
 * @param name what it was spawned as
 * @param endedAt the step at which it ended, or empty if it did not
 * @param thrown what ended it, or empty
 */
public record RunTask(int id, String name, OptionalInt endedAt, Optional<String> thrown) {

  /**
   * Returns whether it ended by itself.
   *
   * @return false if it was left at the end
   */
  public boolean hasEnded() {
    return endedAt.isPresent();
  }

  @Override
  public String toString() {
    return name + "/" + id;
  }
}

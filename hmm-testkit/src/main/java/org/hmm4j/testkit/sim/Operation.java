// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * One thing that a task of a {@link Program} does.
 *
 * @param <S> the stage that it is done on
 * @param text what reports call it, such as {@code invalidate 4 8}
 * @param action what it does; throws what fails the run
 */
public record Operation<S>(String text, Consumer<? super S> action) {

  /**
   * Checks that nothing is missing.
   *
   * @param text the text
   * @param action the action
   */
  public Operation {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(action, "action");
  }

  @Override
  public String toString() {
    return text;
  }
}

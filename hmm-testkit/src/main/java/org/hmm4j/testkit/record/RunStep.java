// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.Locale;
import java.util.Optional;
import org.hmm4j.machine.Step;

/**
 * What one task did in one go.
 *
 * @param task its number
 * @param step what it did; empty where it began, or went on after a sleep
 * @param object what it did that to, or an empty text
 * @param nanos when, in virtual time
 * @param turn how it came to run
 */
public record RunStep(int task, Optional<Step> step, String object, long nanos, Turn turn) {

  /** How a task came to run. */
  public enum Turn {
    /** It ran before. */
    SAME,
    /** The one who ran before could not go on. */
    FORCED,
    /** The one who ran before could have gone on. */
    PREEMPTION
  }

  /**
   * Says what was done.
   *
   * @return for example {@code "lock mutex 'a'"}
   */
  public String text() {
    return step.map(what -> what.name().toLowerCase(Locale.ROOT) + " " + object).orElse(object);
  }
}

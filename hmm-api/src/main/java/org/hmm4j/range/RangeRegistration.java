// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

/**
 * What {@code range->hmm} points to while a range is registered with a mirror. Subclassed by the
 * engine; a driver has no use for it.
 */
public abstract class RangeRegistration {

  /** For the engine. */
  protected RangeRegistration() {}

  /**
   * Answers {@link HmmRange#valid()}.
   *
   * @return whether the range is valid
   */
  protected abstract boolean valid();

  /**
   * Answers {@link HmmRange#waitUntilValid}.
   *
   * @param timeoutMillis milliseconds
   * @return whether the range was seen valid in time
   */
  protected abstract boolean waitUntilValid(long timeoutMillis);

  /**
   * Reads {@code range->hmm}.
   *
   * @param range a range
   * @return its registration, null if it was never registered
   */
  protected static RangeRegistration of(HmmRange range) {
    return range.registration();
  }

  /**
   * Writes {@code range->hmm}.
   *
   * @param range a range
   * @param registration its registration, or a poison
   */
  protected static void set(HmmRange range, RangeRegistration registration) {
    range.registration(registration);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Objects;
import java.util.Optional;

/**
 * How a CPU access of consecutive pages ended.
 *
 * @param pages how many pages were accessed before the signal, or all of them
 * @param signal what stopped it, empty if nothing did
 */
public record CpuOutcome(int pages, Optional<Signal> signal) {

  /**
   * Checks that nothing is missing.
   *
   * @param pages how many pages were accessed
   * @param signal what stopped it
   */
  public CpuOutcome {
    Objects.requireNonNull(signal, "signal");
    if (pages < 0) {
      throw new IllegalArgumentException("a number of pages is 0 or more, got " + pages);
    }
  }

  /**
   * Describes an access without a signal.
   *
   * @param pages how many pages were accessed
   * @return the outcome
   */
  public static CpuOutcome ok(int pages) {
    return new CpuOutcome(pages, Optional.empty());
  }

  /**
   * Describes an access that was stopped.
   *
   * @param signal what stopped it
   * @param pages how many pages were accessed before
   * @return the outcome
   */
  public static CpuOutcome stopped(Signal signal, int pages) {
    return new CpuOutcome(pages, Optional.of(signal));
  }

  /**
   * Returns the outcome as it stands in a trace.
   *
   * @return {@code "ok"}, or for example {@code "SIGSEGV@3"}
   */
  @Override
  public String toString() {
    return signal.map(s -> s + "@" + pages).orElse("ok");
  }
}

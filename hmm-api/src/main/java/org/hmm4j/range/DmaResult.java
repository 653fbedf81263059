// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import java.util.Objects;
import org.hmm4j.kernel.Errno;

/**
 * What {@link HmmMirror#dmaMap} and {@link HmmMirror#dmaUnmap} answer: the number of pages, which
 * the kernel returns as a positive number, or the error, which it returns negated.
 *
 * @param errno {@link Errno#OK}, or why nothing was done
 * @param pages how many pages were mapped or unmapped; 0 after an error
 */
public record DmaResult(Errno errno, int pages) {

  /**
   * Checks that an error comes without pages.
   *
   * @param errno the error or {@link Errno#OK}
   * @param pages the number of pages
   */
  public DmaResult {
    Objects.requireNonNull(errno, "errno");
    if (pages < 0 || (errno.isError() && pages != 0)) {
      throw new IllegalArgumentException("pages or an error, not both: " + pages + ", " + errno);
    }
  }

  /**
   * Wraps a number of pages.
   *
   * @param pages how many
   * @return a success
   */
  public static DmaResult of(int pages) {
    return new DmaResult(Errno.OK, pages);
  }

  /**
   * Wraps an error.
   *
   * @param errno the error
   * @return a failure
   */
  public static DmaResult failed(Errno errno) {
    return new DmaResult(errno, 0);
  }
}

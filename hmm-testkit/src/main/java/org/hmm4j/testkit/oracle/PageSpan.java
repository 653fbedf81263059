// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/**
 * Some consecutive pages of a scenario's region.
 *
 * @param first the number of the first page, counted from the base of the region
 * @param count how many pages; 0 for an operation that touches none
 */
public record PageSpan(int first, int count) {

  /** The most pages that a region may have, and so the end of every span: 256 MiB. */
  public static final int MAX_PAGES = 1 << 16;

  /** No page. */
  public static final PageSpan NONE = new PageSpan(0, 0);

  /**
   * Checks that the span lies within the largest region.
   *
   * @param first the number of the first page
   * @param count how many pages
   */
  public PageSpan {
    if (first < 0 || count < 0 || count > MAX_PAGES - first) {
      throw new IllegalArgumentException(
          "pages lie in [0, %d), got %d pages from %d".formatted(MAX_PAGES, count, first));
    }
  }

  /**
   * Returns where the span ends.
   *
   * @return the number of the first page beyond
   */
  public int end() {
    return first + count;
  }

  /**
   * Returns the span as it stands in a trace.
   *
   * @return the two numbers
   */
  @Override
  public String toString() {
    return first + " " + count;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.List;

/** What a {@link PagePicture} shows: a text for each page and column. */
public interface PageRows {

  /**
   * Returns the headings of the columns.
   *
   * @return the headings
   */
  List<String> columns();

  /**
   * Puts the state of a page into words. Changes nothing.
   *
   * @param page the number of the page
   * @return a text for each of the {@link #columns}; rows of which the texts are equal, or end in a
   *     number that grows by one from page to page, can be shown as one
   */
  List<String> describe(int page);
}

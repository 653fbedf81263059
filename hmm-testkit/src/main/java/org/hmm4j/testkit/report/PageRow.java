// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in a {@link PagePicture}.
 *
 * @param page its number
 * @param marked whether it differs
 * @param cells its state, a text a column
 */
record PageRow(int page, boolean marked, List<String> cells) {

  private static final Pattern ENDS_IN_NUMBER =
      Pattern.compile("(.*?)(?:0x([0-9a-f]{1,15})|([0-9]{1,15}))");

  /**
   * Compares this row with the row before.
   *
   * @return for each column whether its number grew by one rather than stayed; empty if a column
   *     did neither
   */
  Optional<List<Boolean>> growth(PageRow before) {
    if (marked != before.marked || cells.size() != before.cells.size()) {
      return Optional.empty();
    }
    List<Boolean> growth = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      boolean stayed = cells.get(i).equals(before.cells.get(i));
      if (!stayed && !cells.get(i).equals(next(before.cells.get(i)))) {
        return Optional.empty();
      }
      growth.add(!stayed);
    }
    return Optional.of(growth);
  }

  /** Returns the cell with its last number grown by one, or an empty text if it has none. */
  private static String next(String cell) {
    Matcher matcher = ENDS_IN_NUMBER.matcher(cell);
    if (!matcher.matches()) {
      return "";
    }
    String hex = matcher.group(2);
    return matcher.group(1)
        + (hex != null
            ? "0x" + Long.toHexString(Long.parseLong(hex, 16) + 1)
            : Long.toString(Long.parseLong(matcher.group(3)) + 1));
  }

  /** Returns the cells of a line that stands for consecutive rows of one growth. */
  static List<String> line(List<PageRow> rows) {
    PageRow first = rows.get(0);
    PageRow last = rows.get(rows.size() - 1);
    List<String> line = new ArrayList<>();
    line.add(first.marked ? ">" : "");
    line.add(range(Integer.toString(first.page), Integer.toString(last.page)));
    for (int i = 0; i < first.cells.size(); i++) {
      line.add(range(first.cells.get(i), last.cells.get(i)));
    }
    return line;
  }

  private static String range(String first, String last) {
    if (first.equals(last)) {
      return first;
    }
    Matcher matcher = ENDS_IN_NUMBER.matcher(last);
    String number = matcher.matches() ? last.substring(matcher.group(1).length()) : last;
    return first + ".." + number;
  }
}

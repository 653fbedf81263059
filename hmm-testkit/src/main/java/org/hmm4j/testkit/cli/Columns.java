// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines of cells under each other: the first column to the left, the others to the right. */
final class Columns {

  private Columns() {}

  /** Returns a line for each row; all rows have as many cells as the first. */
  static List<String> aligned(List<List<String>> table) {
    int[] widths = new int[table.get(0).size()];
    for (List<String> row : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : table) {
      StringBuilder line = new StringBuilder(row.get(0));
      line.append(" ".repeat(widths[0] - row.get(0).length()));
      for (int i = 1; i < widths.length; i++) {
        line.append("  ").append(" ".repeat(widths[i] - row.get(i).length())).append(row.get(i));
      }
      lines.add(line.toString());
    }
    return lines;
  }
}

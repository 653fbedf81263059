// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Page tables side by side, a row a page and a column each. */
public final class PagePicture {

  /** The most rows that are shown one by one. */
  private static final int MAX_ROWS = 12;

  private static final int PAGE_COLUMN = 1;

  private PagePicture() {}

  /**
   * Draws some pages. When they are many, rows that say the same are drawn as one.
   *
   * @param source says what to draw
   * @param first the number of the first page
   * @param end the number of the first page beyond
   * @param marked the pages to mark with {@code >}
   * @return the lines, headings first
   */
  public static List<String> draw(PageRows source, int first, int end, Set<Integer> marked) {
    List<PageRow> rows = new ArrayList<>();
    for (int page = first; page < end; page++) {
      rows.add(new PageRow(page, marked.contains(page), source.describe(page)));
    }
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(" ", "page"));
    head.addAll(source.columns());
    table.add(head);
    for (List<PageRow> group : rows.size() > MAX_ROWS ? folded(rows) : unfolded(rows)) {
      table.add(PageRow.line(group));
    }
    return aligned(table);
  }

  private static List<List<PageRow>> unfolded(List<PageRow> rows) {
    return rows.stream().map(List::of).toList();
  }

  private static List<List<PageRow>> folded(List<PageRow> rows) {
    List<List<PageRow>> groups = new ArrayList<>();
    List<PageRow> group = new ArrayList<>();
    Optional<List<Boolean>> growth = Optional.empty();
    for (PageRow row : rows) {
      int size = group.size();
      Optional<List<Boolean>> step = size == 0 ? Optional.empty() : row.growth(group.get(size - 1));
      // What a fold shows are its ends, so every column has to go the same way all through it.
      if (step.isEmpty() || size > 1 && !step.equals(growth)) {
        group = new ArrayList<>();
        groups.add(group);
      }
      group.add(row);
      growth = step;
    }
    return groups;
  }

  private static List<String> aligned(List<List<String>> table) {
    int[] widths = new int[table.get(0).size()];
    for (List<String> line : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return table.stream().map(line -> aligned(line, widths)).toList();
  }

  private static String aligned(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String space = " ".repeat(widths[i] - line.get(i).length());
      boolean right = i == PAGE_COLUMN;
      text.append(right ? space + line.get(i) : line.get(i) + space).append("  ");
    }
    return text.toString().stripTrailing();
  }
}

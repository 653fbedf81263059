// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.List;

/** Breaks a text into lines, at spaces, else after a mark within a name, else anywhere. */
final class TextWrap {

  private TextWrap() {}

  private static final String MARKS = "_>./-";

  /** Returns the lines, one or more; what goes on is set in a little. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : text.split("\n")) {
      String rest = paragraph;
      while (rest.length() > width) {
        int end = end(rest, width);
        lines.add(rest.substring(0, end));
        rest = "  " + rest.substring(end).stripLeading();
      }
      lines.add(rest);
    }
    return lines;
  }

  private static int end(String text, int width) {
    int space = text.lastIndexOf(' ', width);
    if (space > 0 && !text.substring(0, space).isBlank()) {
      return space;
    }
    int end = width;
    while (end > width / 2 && MARKS.indexOf(text.charAt(end - 1)) < 0) {
      end--;
    }
    return end > width / 2 ? end : width;
  }
}

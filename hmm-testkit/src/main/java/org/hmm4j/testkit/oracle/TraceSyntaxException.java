// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/**
 * A text that is not in the format of a trace. The message is one line: where, what was expected
 * and what stands there.
 */
public final class TraceSyntaxException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private static final int MAX_SHOWN = 40;

  /** The file. */
  private final String file;

  /** The line, from 1. */
  private final int line;

  /** The column, from 1. */
  private final int column;

  /**
   * Makes a report.
   *
   * @param file the name of the file
   * @param line the line, from 1
   * @param column the column in characters, from 1
   * @param expected what should stand there
   * @param found what stands there, in words
   */
  TraceSyntaxException(String file, int line, int column, String expected, String found) {
    super("%s:%d:%d: expected %s, got %s".formatted(file, line, column, expected, found));
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** Puts a token into quotes, shortened and with control characters made visible. */
  static String quote(String token) {
    StringBuilder text = new StringBuilder("\"");
    token
        .codePoints()
        .limit(MAX_SHOWN)
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                text.append("\\u%04x".formatted(c));
              } else {
                text.appendCodePoint(c);
              }
            });
    boolean cut = token.codePointCount(0, token.length()) > MAX_SHOWN;
    return text.append(cut ? "...\"" : "\"").toString();
  }

  /**
   * Returns the name of the file.
   *
   * @return the name
   */
  public String file() {
    return file;
  }

  /**
   * Returns the line.
   *
   * @return its number, from 1
   */
  public int line() {
    return line;
  }

  /**
   * Returns the column.
   *
   * @return its number in characters, from 1
   */
  public int column() {
    return column;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Takes one line of a trace apart into words, which one space separates. */
final class LineScanner {

  /** What a scanner is at after the last word; no word contains a line break. */
  private static final String END = "\n";

  private final String file;
  private final int line;
  private final String text;
  private int start;
  private String word;

  LineScanner(String file, int line, String text) {
    this.file = file;
    this.line = line;
    this.text = text;
    this.word = wordAt(0);
  }

  private String wordAt(int index) {
    if (index > text.length()) {
      return END;
    }
    int space = text.indexOf(' ', index);
    return text.substring(index, space < 0 ? text.length() : space);
  }

  boolean atEnd() {
    return word.equals(END);
  }

  /** Returns the word that {@link #next} is going to return. */
  String peek() {
    return word;
  }

  /** Returns the number of the line, from 1. */
  int line() {
    return line;
  }

  /** Returns the column of {@link #peek}, from 1. */
  int column() {
    return Math.min(start, text.length()) + 1;
  }

  private String next() {
    String taken = word;
    start += taken.length() + 1;
    word = wordAt(start);
    return taken;
  }

  /** Takes any word. */
  String word(String expected) {
    if (atEnd() || word.isEmpty()) {
      throw error(expected);
    }
    return next();
  }

  /** Takes this very word. */
  void literal(String literal) {
    if (!word.equals(literal)) {
      throw error(TraceSyntaxException.quote(literal));
    }
    next();
  }

  /** Takes one of the words that these values stand for. */
  <E extends Word> E oneOf(String what, E[] values) {
    for (E value : values) {
      if (value.word().equals(word)) {
        next();
        return value;
      }
    }
    String words = Arrays.stream(values).map(Word::word).collect(Collectors.joining(", "));
    throw error(what + " (" + words + ")");
  }

  /** Takes a decimal number without leading zeros. */
  long number(String what, long min, long max) {
    String expected = "%s, a number from %d to %d".formatted(what, min, max);
    long number = decimal(word);
    if (number < min || number > max) {
      throw error(expected);
    }
    next();
    return number;
  }

  /** Reads a decimal number without sign and leading zeros, at most 18 digits; -1 if it is none. */
  static long decimal(String digits) {
    boolean canonical = digits.length() == 1 || !digits.startsWith("0");
    boolean ascii = digits.chars().allMatch(c -> c >= '0' && c <= '9');
    boolean fits = !digits.isEmpty() && digits.length() <= 18;
    return canonical && ascii && fits ? Long.parseLong(digits) : -1;
  }

  /** Requires that no word is left. */
  void end() {
    if (!atEnd()) {
      throw error("the end of the line");
    }
  }

  /** Makes a report about the word that the scanner is at. */
  TraceSyntaxException error(String expected) {
    return errorAt(column(), expected, found());
  }

  private String found() {
    if (text.isEmpty()) {
      return "an empty line";
    } else if (atEnd()) {
      return "the end of the line";
    }
    return word.isEmpty() ? "an extra space" : TraceSyntaxException.quote(word);
  }

  /** Makes a report about a place of this line. */
  TraceSyntaxException errorAt(int column, String expected, String found) {
    return new TraceSyntaxException(file, line, column, expected, found);
  }
}

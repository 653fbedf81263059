// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A part of the work.
 *
 * @param number which part, 1 to count
 * @param count how many parts there are
 */
record Shard(int number, int count) {

  static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  Shard {
    if (number < 1 || number > count) {
      throw new IllegalArgumentException(
          "want I/N with I from 1 to N, got '%d/%d'".formatted(number, count));
    }
  }

  boolean isWhole() {
    return count == 1;
  }

  @Override
  public String toString() {
    return number + "/" + count;
  }

  /**
   * Reads {@code I/N}.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  static Shard parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("want I/N with I from 1 to N, got '" + text + "'");
    }
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Reads {@code I/N}. */
  static final class Converter implements ITypeConverter<Shard> {
    @Override
    public Shard convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

/**
 * Writes JSON (RFC 8259), also safe within an HTML script element: {@code <}, {@code >} and {@code
 * &} are escaped. The caller keeps begin and end in balance.
 */
final class JsonWriter {

  private final StringBuilder text = new StringBuilder();
  private boolean comma;

  JsonWriter beginObject() {
    return begin('{');
  }

  JsonWriter endObject() {
    return end('}');
  }

  JsonWriter beginArray() {
    return begin('[');
  }

  JsonWriter endArray() {
    return end(']');
  }

  private JsonWriter begin(char bracket) {
    separate();
    text.append(bracket);
    comma = false;
    return this;
  }

  private JsonWriter end(char bracket) {
    text.append(bracket);
    comma = true;
    return this;
  }

  /** Begins a new line, so that long files can be read and compared. */
  JsonWriter line() {
    if (comma) {
      text.append(',');
      comma = false;
    }
    text.append('\n');
    return this;
  }

  JsonWriter name(String name) {
    separate();
    quote(name);
    text.append(':');
    comma = false;
    return this;
  }

  JsonWriter value(String value) {
    separate();
    quote(value);
    comma = true;
    return this;
  }

  JsonWriter value(long value) {
    separate();
    text.append(value);
    comma = true;
    return this;
  }

  JsonWriter value(boolean value) {
    separate();
    text.append(value);
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      text.append(',');
    }
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        default -> {
          if (mustBeEscaped(c)) {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /** Also half surrogate pairs and the two line ends that JavaScript knows and JSON does not. */
  private static boolean mustBeEscaped(char c) {
    return c < ' '
        || c == '<'
        || c == '>'
        || c == '&'
        || c == '\u2028'
        || c == '\u2029'
        || Character.isSurrogate(c);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}

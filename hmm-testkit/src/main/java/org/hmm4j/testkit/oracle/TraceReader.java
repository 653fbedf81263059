// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Reads traces. Strict: what the format does not name is an error, and nothing is guessed. A file
 * is read as a whole, so that an error at its end is known before anything was run.
 */
public final class TraceReader {

  /** The largest file, in bytes. The corpus has 1 MiB. */
  public static final int MAX_BYTES = 64 << 20;

  /** The longest name of a scenario, in characters. */
  public static final int MAX_NAME = 200;

  private final String file;
  private final List<String> lines;
  private int next;

  private TraceReader(String file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Reads a file.
   *
   * @param path the file, UTF-8
   * @return the trace, named after the path
   * @throws IOException if the file can't be read or is larger than {@link #MAX_BYTES}
   * @throws TraceSyntaxException if it is not a trace
   */
  public static Trace read(Path path) throws IOException {
    // Not the size first and then the contents: a pipe has no size.
    try (var in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      return parse(path.toString(), bytes);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name what errors and reports call it
   * @param bytes UTF-8
   * @return the trace
   * @throws TraceSyntaxException if it is not a trace
   */
  static Trace parse(String name, byte[] bytes) {
    try {
      return parse(
          name, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new TraceSyntaxException(name, 1, 1, "text in UTF-8", "other bytes");
    }
  }

  /**
   * Reads a text.
   *
   * @param name what errors and reports call it
   * @param text the contents of a trace file
   * @return the trace
   * @throws TraceSyntaxException if it is not a trace
   */
  public static Trace parse(String name, String text) {
    Objects.requireNonNull(name, "name");
    return new TraceReader(name, text.lines().toList()).trace(name);
  }

  private Trace trace(String name) {
    List<Scenario> scenarios = new ArrayList<>();
    skipEmptyLines();
    do {
      scenarios.add(scenario(line("\"scenario\"")));
      skipEmptyLines();
    } while (next < lines.size());
    return new Trace(name, scenarios);
  }

  private void skipEmptyLines() {
    while (next < lines.size() && lines.get(next).isEmpty()) {
      next++;
    }
  }

  private LineScanner line(String expected) {
    if (next == lines.size()) {
      throw new TraceSyntaxException(file, next + 1, 1, expected, "the end of the file");
    }
    String text = lines.get(next);
    next++;
    return new LineScanner(file, next, text);
  }

  private Scenario scenario(LineScanner head) {
    head.literal("scenario");
    int nameColumn = head.column();
    String name = head.word("the name of the scenario");
    if (name.length() > MAX_NAME) {
      throw head.errorAt(
          nameColumn, "a name of at most " + MAX_NAME + " characters", name.length() + " of them");
    }
    head.literal("pages");
    int pages = (int) head.number("a count of pages", 1, PageSpan.MAX_PAGES);
    Scenario.Mode mode = mode(head);
    List<Step> steps = new ArrayList<>();
    String expected = "an operation or the \"end\" of the scenario in line " + head.line();
    LineScanner in = line(expected);
    while (!in.peek().equals("end")) {
      steps.add(step(in));
      in = line(expected);
    }
    in.literal("end");
    in.end();
    return new Scenario(name, pages, mode, steps, in.line());
  }

  private static Scenario.Mode mode(LineScanner head) {
    if (head.atEnd()) {
      return Scenario.Mode.PLAIN;
    }
    Scenario.Mode[] named = {Scenario.Mode.THP, Scenario.Mode.COHERENT};
    Scenario.Mode mode = head.oneOf("a mode", named);
    head.end();
    return mode;
  }

  private static Step step(LineScanner in) {
    Operation operation = OperationReader.read(in);
    in.literal("=>");
    Answer answer = AnswerReader.read(in, operation);
    in.end();
    return new Step(in.line(), operation, answer);
  }
}

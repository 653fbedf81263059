// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hmm4j.testkit.oracle.Corpus;
import org.hmm4j.testkit.oracle.Trace;
import org.hmm4j.testkit.oracle.TraceReader;
import org.hmm4j.testkit.oracle.TraceSyntaxException;

/** Finds and reads the traces that a user names. */
final class TraceSource {

  private static final String CORPUS = "corpus:";
  private static final String ALL = "all";

  private final Corpus corpus = Corpus.linux61();

  /**
   * Reads traces.
   *
   * @param names paths of files, and names of recorded traces behind {@code corpus:}
   * @return the traces, in the same order
   * @throws BadInputException if one is not there, can't be read or is not a trace
   */
  List<Trace> read(List<String> names) throws BadInputException {
    List<Trace> traces = new ArrayList<>();
    for (String name : names) {
      if (name.equals(CORPUS + ALL)) {
        for (String each : corpus.names()) {
          traces.add(recorded(each));
        }
      } else if (name.startsWith(CORPUS)) {
        traces.add(recorded(name.substring(CORPUS.length())));
      } else {
        traces.add(file(name));
      }
    }
    return traces;
  }

  private Trace recorded(String name) throws BadInputException {
    return corpus
        .trace(name)
        .orElseThrow(
            () ->
                new BadInputException(
                    "no recorded trace \"%s\"; there are %s and %s"
                        .formatted(CORPUS + name, String.join(", ", corpus.names()), ALL),
                    null));
  }

  private static Trace file(String name) throws BadInputException {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw new BadInputException(name + ": is a directory", null);
      }
      return TraceReader.read(path);
    } catch (NoSuchFileException e) {
      throw new BadInputException(name + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new BadInputException(name + ": permission denied", e);
    } catch (IOException | InvalidPathException e) {
      throw new BadInputException(name + ": " + e.getMessage(), e);
    } catch (TraceSyntaxException e) {
      throw new BadInputException(e.getMessage(), e);
    }
  }
}

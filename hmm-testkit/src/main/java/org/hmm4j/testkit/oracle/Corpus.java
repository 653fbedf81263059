// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The recorded traces that come with the testkit. */
public final class Corpus {

  private final String folder;
  private final List<String> names;

  private Corpus(String folder) {
    this.folder = folder;
    // A jar can't be listed like a directory, so the names are a resource too.
    this.names = new String(bytes("index"), StandardCharsets.UTF_8).lines().toList();
  }

  /**
   * Returns what was recorded on Linux 6.1.192, x86-64.
   *
   * @return the corpus
   */
  public static Corpus linux61() {
    return new Corpus("linux-6.1/");
  }

  /**
   * Returns which traces there are.
   *
   * @return their names, in alphabetic order
   */
  public List<String> names() {
    return names;
  }

  /**
   * Reads a trace.
   *
   * @param name one of {@link #names}
   * @return the trace, named {@code corpus:NAME}; empty if there is none of that name
   */
  public Optional<Trace> trace(String name) {
    return names.contains(name)
        ? Optional.of(TraceReader.parse("corpus:" + name, bytes(name + ".trace")))
        : Optional.empty();
  }

  private byte[] bytes(String resource) {
    try (InputStream in = Corpus.class.getResourceAsStream(folder + resource)) {
      if (in == null) {
        throw new IllegalStateException("the testkit was built without " + folder + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

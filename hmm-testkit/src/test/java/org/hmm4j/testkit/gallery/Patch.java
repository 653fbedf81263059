// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One step of a production source turned back into what stood there before.
 *
 * @param file the source below the root of the project
 * @param now what stands there, and only once
 * @param before what stood there
 */
record Patch(String file, String now, String before) {

  private static final String JAVA = "src/main/java/";
  private static final String IMPL = "hmm-impl/" + JAVA + "org/hmm4j/impl/";

  /** A step of the engine; the class is named from org.hmm4j.impl on. */
  static Patch engine(String type, String now, String before) {
    return new Patch(IMPL + type + ".java", now, before);
  }

  /** A step of the nouveau wrapper. */
  static Patch nouveau(String now, String before) {
    String type = "org/hmm4j/testkit/driver/NouveauRanges.java";
    return new Patch("hmm-testkit/" + JAVA + type, now, before);
  }

  String source() {
    Path path = Path.of("").toAbsolutePath().getParent().resolve(file);
    try {
      return Files.readString(path).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails when the source has changed so that the step is not there, or is there twice. */
  String apply(String source) {
    int at = source.indexOf(now);
    if (at < 0 || source.indexOf(now, at + 1) >= 0) {
      throw new AssertionError(
          (at < 0 ? "not there any more" : "more than once") + " in " + file + ":\n" + now);
    }
    return source.substring(0, at) + before + source.substring(at + now.length());
  }

  /** The class that the file holds. */
  String className() {
    String path = file.substring(file.indexOf(JAVA) + JAVA.length());
    return path.substring(0, path.length() - ".java".length()).replace('/', '.');
  }
}

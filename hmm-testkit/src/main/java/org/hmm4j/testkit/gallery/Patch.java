// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * One step of a production source turned back into what stood there before. The build puts the
 * sources beside the classes, so that this works from a jar.
 *
 * @param className the class whose source it is
 * @param now what stands there, and only once
 * @param before what stood there
 */
record Patch(String className, String now, String before) {

  private static final String SOURCES = "/META-INF/hmm4j/sources/";

  /** A step of the engine; the class is named from org.hmm4j.impl on, with slashes. */
  static Patch engine(String type, String now, String before) {
    return new Patch("org.hmm4j.impl." + type.replace('/', '.'), now, before);
  }

  /** A step of the nouveau wrapper. */
  static Patch nouveau(String now, String before) {
    return new Patch("org.hmm4j.testkit.driver.NouveauRanges", now, before);
  }

  private String file() {
    return SOURCES + className.replace('.', '/') + ".java";
  }

  String source() {
    try (InputStream in = Patch.class.getResourceAsStream(file())) {
      if (in == null) {
        throw new IllegalStateException("this build carries no source of " + className);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails when the source has changed so that the step is not there, or is there twice. */
  String apply(String source) {
    int at = source.indexOf(now);
    if (at < 0 || source.indexOf(now, at + 1) >= 0) {
      throw new IllegalStateException(
          (at < 0 ? "not there any more" : "more than once") + " in " + className + ":\n" + now);
    }
    return source.substring(0, at) + before + source.substring(at + now.length());
  }
}

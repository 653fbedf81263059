// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Prefers its own copy of the mutated layer; shares the API with everybody. Not parallel capable,
 * so the JVM asks it for one class at a time and it needs no lock of its own.
 */
final class MutantLoader extends ClassLoader {

  /** The layer of which a mutant has a copy of its own. */
  static final String IMPL = "org.hmm4j.impl.";

  private final Map<String, byte[]> mutated;

  MutantLoader(Map<String, byte[]> mutated) {
    super(MutantLoader.class.getClassLoader());
    this.mutated = mutated;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    Class<?> known = findLoadedClass(name);
    if (known != null) {
      return known;
    }
    byte[] bytes = mutated.get(name);
    if (bytes == null && name.startsWith(IMPL)) {
      bytes = asItIs(name);
    }
    return bytes == null
        ? super.loadClass(name, resolve)
        : defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] asItIs(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (var in = getParent().getResourceAsStream(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

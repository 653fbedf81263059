// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.testkit.sim.Exploration;

/** Puts bugs back, to be hunted. Needs a compiler, which a JDK has. */
public final class Hunter {

  private final MutantEngine engine = new MutantEngine();

  /**
   * Finds the compiler.
   *
   * @throws IllegalStateException where there is none; the message says what is needed
   */
  public Hunter() {}

  /**
   * Builds an engine with a bug, and prepares the search for it. Takes some tenths of a second.
   *
   * @param bug the bug
   * @return an exploration with the defaults, named by the id of the bug
   */
  public Exploration hunt(Bug bug) {
    return bug.explore(engine.build(bug.mutant()));
  }

  /**
   * Prepares the exploration that has a name, as a token says it.
   *
   * @param name the id of a bug, or {@code clean/} and a scenario for the engine as it is
   * @return an exploration with the defaults and that name
   * @throws IllegalArgumentException if there is none of that name
   * @throws IllegalStateException if it needs a compiler and there is none
   */
  public static Exploration named(String name) {
    for (Explorable explorable : Explorable.all()) {
      if (explorable.name().equals(name)) {
        return explorable.explore();
      }
    }
    if (name.startsWith(Gallery.CLEAN)) {
      return Gallery.clean(name.substring(Gallery.CLEAN.length()));
    }
    Bug bug = Gallery.one(name);
    return new Hunter().hunt(bug);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.List;

/** A scenario of which parts can be left out, to find the smallest one that still fails. */
public interface ShrinkableScenario extends Scenario {

  /**
   * Returns this scenario with one more part left out, in all ways, the boldest first.
   *
   * @return smaller scenarios; empty if nothing can be left out
   */
  List<? extends ShrinkableScenario> smaller();

  /**
   * Says what was left out, for {@link #variant(String)} and for a token.
   *
   * @return a text; empty if nothing was left out
   */
  String variant();

  /**
   * Returns this scenario without what a text says.
   *
   * @param text what {@link #variant()} said
   * @return the smaller scenario
   * @throws IllegalArgumentException if the text says no such thing
   */
  ShrinkableScenario variant(String text);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.Set;

/**
 * The engine with one step as it was before its patch, and the card that alone has to fail on it.
 *
 * @param card the card whose bug it is
 * @param name the card, with a letter if it has several mutants
 * @param rule the invariant that the message has to name
 * @param what the step that is undone
 * @param signs what a failure of its scenario may look like; the rule, if it says nothing else
 * @param patches the replacements
 */
record Mutant(
    String card, String name, String rule, String what, Set<Sign> signs, List<Patch> patches) {

  static Mutant of(String name, String rule, String what, Patch... patches) {
    String card = name.replaceAll("\\([a-z]\\)$", "");
    return new Mutant(card, name, rule, what, Set.of(Sign.of(rule)), List.of(patches));
  }

  /** The same bug, where the scenario shows it in other ways than by its rule. */
  Mutant shownBy(Sign... others) {
    return new Mutant(card, name, rule, what, Set.of(others), patches);
  }
}

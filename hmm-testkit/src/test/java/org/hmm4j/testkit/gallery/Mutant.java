// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The engine with one step as it was before its patch, and the cards that have to fail on it.
 *
 * @param card the card whose bug it is
 * @param name the card, with a letter if it has several mutants
 * @param rule the invariant that the message has to name
 * @param what the step that is undone
 * @param also other cards that fail, each with the reason
 * @param patches the replacements
 */
record Mutant(
    String card,
    String name,
    String rule,
    String what,
    Map<String, String> also,
    List<Patch> patches) {

  static Mutant of(String name, String rule, String what, Patch... patches) {
    String card = name.replaceAll("\\([a-z]\\)$", "");
    return new Mutant(card, name, rule, what, Map.of(), List.of(patches));
  }

  /** Says that another card fails too, and why it has to. */
  Mutant alsoFails(String other, String reason) {
    Map<String, String> more = new TreeMap<>(also);
    more.put(other, reason);
    return new Mutant(card, name, rule, what, more, patches);
  }
}

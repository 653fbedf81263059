// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each bug that HMM once had: our engine does not have it, and with the step undone it is found.
 */
final class BugCardsTest {

  /** On a loaded machine a task may have to wait long before it runs. */
  private static final long PATIENT = 20_000;

  /** Where a hang is the expected failure. */
  private static final long IMPATIENT = 2_000;

  private static final List<BugCard> CARDS = BugCards.all();
  private static final MutantEngine ENGINE = new MutantEngine();

  /** The message of the expected card, for each mutant. */
  private static final Map<String, String> MESSAGES = new TreeMap<>();

  @TestFactory
  Stream<DynamicTest> ourEngineKeepsTheRule() {
    return CARDS.stream()
        .map(
            card ->
                DynamicTest.dynamicTest("card " + card, () -> card.show(Subject.ours(), PATIENT)));
  }

  @TestFactory
  Stream<DynamicTest> theMutantIsFoundByItsCard() {
    return Mutants.all().stream()
        .map(
            mutant ->
                DynamicTest.dynamicTest(
                    "mutant " + mutant.name() + ": " + mutant.what(), () -> judge(mutant)));
  }

  private static void judge(Mutant mutant) {
    Subject subject = ENGINE.build(mutant);
    Map<String, String> failed = new TreeMap<>();
    for (BugCard card : CARDS) {
      try {
        card.show(subject, card.id().equals(mutant.card()) ? IMPATIENT : PATIENT);
      } catch (AssertionError found) {
        failed.put(card.id(), found.getMessage().lines().findFirst().orElse(""));
      }
    }
    String message = failed.getOrDefault(mutant.card(), "none: the mutant survives");
    MESSAGES.put(mutant.name(), message);
    assertEquals(Set.of(mutant.card()), failed.keySet(), failed::toString);
    assertTrue(
        message.startsWith("card " + mutant.card() + ", rule " + mutant.rule() + ","),
        () -> "it should name rule " + mutant.rule() + ": " + message);
  }

  @Test
  void everyCardHasAMutantOrAReason() {
    Set<String> mutated = Mutants.all().stream().map(Mutant::card).collect(Collectors.toSet());
    for (BugCard card : CARDS) {
      assertEquals(mutated.contains(card.id()), card.noMutant() == null, card.toString());
    }
    assertEquals(Mutants.all().size(), Mutants.all().stream().map(Mutant::name).distinct().count());
  }

  @AfterAll
  static void writeTheTable() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| card | kind | bug | sequences | mutant | message |");
    lines.add("|---|---|---|---|---|---|");
    for (BugCard card : CARDS) {
      String head =
          "| %s | %s | %s | %d ".formatted(card.id(), card.kind(), card.bug(), card.parts().size());
      if (card.noMutant() != null) {
        lines.add(head + "| none | " + card.noMutant() + " |");
      }
      Mutants.all().stream()
          .filter(mutant -> mutant.card().equals(card.id()))
          .forEach(mutant -> lines.add(head + row(mutant)));
    }
    Files.write(Path.of("target", "bug-cards.md"), lines);
    lines.forEach(System.out::println);
  }

  private static String row(Mutant mutant) {
    String message = MESSAGES.getOrDefault(mutant.name(), "not run");
    return "| %s: %s | %s |".formatted(mutant.name(), mutant.what(), message.replace('|', '/'));
  }
}

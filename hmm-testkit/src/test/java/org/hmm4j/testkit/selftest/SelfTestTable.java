// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Writes down what became of each card, in {@code target/self-tests.md} at the end of all tests.
 */
final class SelfTestTable implements AfterEachCallback {

  private static final Path FILE = Path.of("target", "self-tests.md");

  /** What became of the cards: closed by JUnit after the last test. */
  private static final class Results implements AutoCloseable {

    private final Map<String, String> tests = new TreeMap<>();
    private final Map<String, List<String>> results = new TreeMap<>();

    synchronized void add(String card, String test, String result) {
      tests.put(card, test);
      results.computeIfAbsent(card, any -> new ArrayList<>()).add(result);
    }

    @Override
    public synchronized void close() {
      try {
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, table());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private String table() {
      StringBuilder table = new StringBuilder("| card | test | result |\n|---|---|---|\n");
      for (String card : Cards.NAMES) {
        String result = Cards.NOT_RUN.get(card);
        if (result == null) {
          result = String.join(", ", results.getOrDefault(card, List.of("not started")));
          result += Cards.WITHOUT.containsKey(card) ? " (" + Cards.WITHOUT.get(card) + ")" : "";
        }
        String test = tests.getOrDefault(card, "-");
        table.append("| %s | %s | %s |%n".formatted(card, test, result));
      }
      return table.toString();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Card card = context.getRequiredTestMethod().getAnnotation(Card.class);
    if (card == null) {
      throw new IllegalStateException("no card: " + context.getDisplayName());
    }
    Results results =
        context
            .getRoot()
            .getStore(Namespace.create(SelfTestTable.class))
            .getOrComputeIfAbsent(Results.class, any -> new Results(), Results.class);
    String test =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName();
    SelfTest instance = (SelfTest) context.getRequiredTestInstance();
    String outcome = context.getExecutionException().isPresent() ? " FAILED" : " passed";
    results.add(card.value(), test, instance.variant() + outcome);
  }
}

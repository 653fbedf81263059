// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CorpusTest {

  private static final Corpus CORPUS = Corpus.linux61();

  static Stream<String> names() {
    return CORPUS.names().stream();
  }

  @Test
  void namesItsFiles() {
    assertEquals(
        List.of(
            "basic", "coherent", "exclusive", "files", "fork", "huge", "migrate", "rfault", "wide"),
        CORPUS.names());
  }

  @ParameterizedTest
  @MethodSource("names")
  void isPrintedAsItWasRead(String name) throws IOException {
    try (InputStream in = Corpus.class.getResourceAsStream("linux-6.1/" + name + ".trace")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(text, CORPUS.trace(name).orElseThrow().toString());
    }
  }

  @Test
  void hasTheRecordedNumberOfScenariosAndOperations() {
    List<Trace> traces = names().map(name -> CORPUS.trace(name).orElseThrow()).toList();

    assertEquals(1140, traces.stream().mapToInt(trace -> trace.scenarios().size()).sum());
    assertEquals(29_654, traces.stream().mapToLong(Trace::operations).sum());
  }

  @Test
  void knowsTheModeOfAScenario() {
    assertEquals(Scenario.Mode.THP, firstOf("huge").mode());
    assertEquals(Scenario.Mode.COHERENT, firstOf("coherent").mode());
    assertEquals(Scenario.Mode.PLAIN, firstOf("basic").mode());
  }

  @Test
  void hasNoTraceOfAnotherName() {
    assertTrue(CORPUS.trace("nonsense").isEmpty());
    assertTrue(CORPUS.trace("../index").isEmpty());
  }

  @Test
  void stepsKnowTheirLines() {
    Scenario first = firstOf("basic");

    assertEquals(2, first.steps().get(0).line());
    assertEquals("mmap 0 16 r anon-private => 0", first.steps().get(0).toString());
    assertEquals(first.steps().size() + 2, first.endLine());
  }

  private static Scenario firstOf(String name) {
    return CORPUS.trace(name).orElseThrow().scenarios().get(0);
  }
}

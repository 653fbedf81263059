// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every rule has a test or a reason, and every test that names a rule names one that there is. */
final class RulebookTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path RULEBOOK = ROOT.resolve("hmm-api/README.md");
  private static final Path REASONS =
      ROOT.resolve("hmm-api/src/test/resources/org/hmm4j/untested-rules.txt");

  @Test
  void rulesAndTestsAgree() throws IOException {
    RuleCoverage coverage =
        new RuleCoverage(Files.readAllLines(RULEBOOK), testSources(), Files.readAllLines(REASONS));
    coverage.summary().forEach(System.out::println);
    Files.write(
        Files.createDirectories(Path.of("target")).resolve("rule-coverage.txt"), coverage.report());
    assertTrue(coverage.size() > 100, "found only " + coverage.size() + " rules in " + RULEBOOK);
    assertEquals(List.of(), coverage.problems());
  }

  private static Map<String, String> testSources() {
    Map<String, String> sources = new TreeMap<>();
    for (String module : List.of("hmm-api", "hmm-impl", "hmm-testkit")) {
      Path tests = ROOT.resolve(module).resolve("src/test/java");
      try (Stream<Path> files = Files.walk(tests)) {
        files
            .filter(file -> file.toString().endsWith("Test.java"))
            .forEach(file -> sources.put(className(tests, file), read(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return sources;
  }

  private static String className(Path root, Path file) {
    String name =
        root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".");
    return name.substring("org.hmm4j.".length(), name.length() - ".java".length());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String rule(String id) {
    return "| " + id + " | MUST | A rule. | A reason. | ours |";
  }

  private static String test(String name) {
    return "  @Test\n  void " + name + "() {}\n";
  }

  private static List<String> problems(List<String> rules, String source, String... reasons) {
    return new RuleCoverage(rules, Map.of("ATest", source), List.of(reasons)).problems();
  }

  private static List<String> two() {
    return List.of("| id | |", rule("N101"), "text", rule("R105"));
  }

  @Test
  void aTestMayNameSeveralRulesAndARuleHaveAReason() {
    RuleCoverage coverage =
        new RuleCoverage(
            List.of(rule("M001"), rule("N101"), rule("R105")),
            Map.of("ATest", test("N101_R105_p17_itIsSo") + test("ofNoRule") + test("p17_ofNone")),
            List.of("# why", "M001 cannot be seen"));
    assertEquals(List.of(), coverage.problems());
    assertEquals(
        List.of("rules: 3, tested: 2 (by 1 tests), untested: 1", "  untested M001: cannot be seen"),
        coverage.summary());
    assertTrue(coverage.report().contains("R105 ATest.N101_R105_p17_itIsSo"));
    assertTrue(coverage.report().contains("M001 -"));
  }

  @Test
  void aRuleWithoutTestAndReasonIsReported() {
    assertEquals(
        List.of("N101 has neither a test nor a reason"), problems(two(), test("R105_itIsSo")));
  }

  @Test
  void aTestOfAnUnknownRuleIsReported() {
    assertEquals(
        List.of("ATest.N101_R105_R106_itIsSo names R106, which is no rule"),
        problems(two(), test("N101_R105_R106_itIsSo")));
  }

  @Test
  void aDisabledTestIsReported() {
    String disabled =
        test("N101_R105_itIsSo").replace("\n  void", "\n  @Disabled(\"why\")\n  void");
    assertEquals(
        List.of("ATest.N101_R105_itIsSo names a rule and is disabled"), problems(two(), disabled));
  }

  @Test
  void aTestInACommentOrInQuotesIsNone() {
    String line = test("R105_itIsSo").replaceAll("(?m)^", "// ");
    String block = "/*\n" + test("R105_itIsSo") + "*/\n";
    String quoted = "String a = \"\"\"\n" + test("R105_itIsSo") + "\"\"\";\n";
    for (String source : List.of(line, block, "/** " + block, quoted)) {
      assertEquals(
          List.of("R105 has neither a test nor a reason"),
          problems(two(), test("N101_itIsSo") + source));
    }
  }

  @Test
  void quotesThatLookLikeCommentsAndCommentsWithQuotesHideNothing() {
    for (String before :
        List.of("x(\"/*\");", "c('\"');", "c('\\'');", "x(\"\\\"//\");", "// don't")) {
      assertEquals(
          List.of(),
          problems(two(), before + "\n" + test("N101_R105_itIsSo") + "x(\"*/\");"),
          before);
    }
    String named = test("N101_R105_itIsSo").replace("@Test", "@ParameterizedTest(name = \"a; b\")");
    assertEquals(List.of(), problems(two(), named));
  }

  @Test
  void anIdThatDoesNotComeFirstIsReported() {
    for (String name : List.of("N101_R105_it_R105_isSo", "N101_R105_r105_isSo", "N101_R105_")) {
      assertEquals(
          List.of("ATest." + name + ": ids come first, in capitals, and then words"),
          problems(two(), test(name)));
    }
  }

  @Test
  void anIdThatIsUsedTwiceIsReported() {
    assertEquals(
        List.of("N101 is used twice"),
        problems(List.of(rule("N101"), rule("N101")), test("N101_itIsSo")));
  }

  @Test
  void idsThatAreOutOfOrderAreReported() {
    String tests = test("N101_N102_R105_itIsSo");
    assertEquals(
        List.of("N101 stands after N102"),
        problems(List.of(rule("N102"), rule("N101"), rule("R105")), tests));
    assertEquals(
        List.of("N101 stands after R105"),
        problems(List.of(rule("R105"), rule("N101"), rule("N102")), tests));
  }

  @Test
  void aReasonBesideATestIsReported() {
    assertEquals(
        List.of("N101 has a reason to be untested, and a test: ATest.N101_R105_itIsSo"),
        problems(two(), test("N101_R105_itIsSo"), "N101 nobody can see it"));
  }

  @Test
  void aReasonForNoRuleAndNoReasonAreReported() {
    assertEquals(
        List.of(
            "a reason for N102, which is no rule",
            "not an id and a reason: N101",
            "N102 has two reasons",
            "a reason for N102, which is no rule"),
        problems(two(), test("N101_R105_itIsSo"), "N102 why", "N101", "N102 why not"));
  }

  @Test
  void aRowThatIsNoRuleIsReported() {
    assertEquals(
        List.of(
            "N101 is neither MUST nor SHOULD nor MAY, but must",
            "R105 has not five columns",
            "R105 speaks of R106, which is no rule"),
        problems(
            List.of("| N101 | must | A. | B. | ours |", "| R105 | MAY | As R106. | ours |"),
            test("N101_R105_itIsSo")));
  }
}

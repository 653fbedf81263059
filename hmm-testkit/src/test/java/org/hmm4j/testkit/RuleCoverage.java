// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the rulebook against the names of the tests. A test checks the rules whose ids begin its
 * name: {@code R105_R106_theLockIsHeld}. Verifies that ids match; not that a test checks what its
 * rule says.
 */
final class RuleCoverage {

  private static final List<String> FAMILIES = List.of("K", "M", "N", "R", "D", "X");
  private static final Pattern RULE = Pattern.compile("^\\| ([A-Z]\\d{3}) \\| ([^|]*) \\| .*");
  private static final Pattern MENTION = Pattern.compile("\\b[KMNRDX]\\d{3}\\b");
  private static final Pattern REASON = Pattern.compile("^([A-Z]\\d{3}) (\\S.*)$");

  /** Text in quotes, in the group, or a comment. */
  private static final Pattern NO_CODE =
      Pattern.compile(
          "(\"{3}[\\s\\S]*?\"{3}|\"(?:[^\"\\\\\n]++|\\\\.)*+\"|'(?:[^'\\\\\n]|\\\\.)[^'\n]*+')"
              + "|//[^\n]*+|/\\*[\\s\\S]*?\\*/");

  private static final Pattern TEST =
      Pattern.compile(
          "@(?:Test|ParameterizedTest|RepeatedTest|Property|Example)\\b"
              + "((?:(?!\\bvoid\\b)[^;])*?)\\bvoid (\\w+)\\(");
  private static final Pattern IDS = Pattern.compile("^(?:[A-Z]\\d{3}_)+");
  private static final Pattern STRAY_ID = Pattern.compile("(?i)(?<![a-z0-9])[kmnrdx]\\d{3}_");

  private final List<String> rules = new ArrayList<>();
  private final Map<String, List<String>> tests = new TreeMap<>();
  private final Map<String, String> reasons = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * Compares.
   *
   * @param rulebook the lines of the rulebook
   * @param sources test classes by name
   * @param untested the lines of the file of reasons
   */
  RuleCoverage(List<String> rulebook, Map<String, String> sources, List<String> untested) {
    rulebook.forEach(this::readRule);
    checkOrder();
    rulebook.forEach(this::checkMentions);
    sources.forEach(this::readTests);
    untested.forEach(this::readReason);
    for (String rule : rules) {
      if (!tests.containsKey(rule) && !reasons.containsKey(rule)) {
        problems.add(rule + " has neither a test nor a reason");
      }
    }
  }

  private void readRule(String line) {
    Matcher rule = RULE.matcher(line);
    if (!rule.matches()) {
      return;
    }
    String id = rule.group(1);
    if (rules.contains(id)) {
      problems.add(id + " is used twice");
    }
    if (!List.of("MUST", "SHOULD", "MAY").contains(rule.group(2))) {
      problems.add(id + " is neither MUST nor SHOULD nor MAY, but " + rule.group(2));
    }
    if (line.split("\\|", -1).length != 7) {
      problems.add(id + " has not five columns");
    }
    rules.add(id);
  }

  private void checkOrder() {
    Comparator<String> order =
        Comparator.comparing((String id) -> FAMILIES.indexOf(id.substring(0, 1)))
            .thenComparing(id -> id);
    for (int i = 1; i < rules.size(); i++) {
      if (order.compare(rules.get(i - 1), rules.get(i)) > 0) {
        problems.add(rules.get(i) + " stands after " + rules.get(i - 1));
      }
    }
  }

  /** Rules that speak of others. */
  private void checkMentions(String line) {
    if (!RULE.matcher(line).matches()) {
      return;
    }
    Matcher mention = MENTION.matcher(line);
    while (mention.find()) {
      if (!rules.contains(mention.group())) {
        problems.add(line.substring(2, 6) + " speaks of " + mention.group() + ", which is no rule");
      }
    }
  }

  private void readTests(String className, String source) {
    Matcher test = TEST.matcher(code(source));
    while (test.find()) {
      String name = test.group(2);
      String where = className + "." + name;
      Matcher ids = IDS.matcher(name);
      String rest = name;
      if (ids.find()) {
        rest = name.substring(ids.end());
        if (test.group(1).contains("@Disabled")) {
          problems.add(where + " names a rule and is disabled");
        }
        for (String id : ids.group().split("_")) {
          if (!rules.contains(id)) {
            problems.add(where + " names " + id + ", which is no rule");
          }
          tests.computeIfAbsent(id, any -> new ArrayList<>()).add(where);
        }
      }
      if (rest.isEmpty() || STRAY_ID.matcher(rest).find()) {
        problems.add(where + ": ids come first, in capitals, and then words");
      }
    }
  }

  /** What is neither in quotes nor in a comment. */
  private static String code(String source) {
    return NO_CODE.matcher(source).replaceAll(part -> part.group(1) == null ? " " : "''");
  }

  private void readReason(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return;
    }
    Matcher reason = REASON.matcher(line);
    if (!reason.matches()) {
      problems.add("not an id and a reason: " + line);
      return;
    }
    String id = reason.group(1);
    if (reasons.put(id, reason.group(2)) != null) {
      problems.add(id + " has two reasons");
    }
    if (!rules.contains(id)) {
      problems.add("a reason for " + id + ", which is no rule");
    }
    if (tests.containsKey(id)) {
      problems.add(id + " has a reason to be untested, and a test: " + tests.get(id).get(0));
    }
  }

  /** What is wrong, one line each; empty if nothing. */
  List<String> problems() {
    return problems;
  }

  /** How many rules there are. */
  int size() {
    return rules.size();
  }

  /** What the build shows. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    long tested = rules.stream().filter(tests::containsKey).count();
    TreeSet<String> names = new TreeSet<>();
    rules.stream().filter(tests::containsKey).forEach(id -> names.addAll(tests.get(id)));
    lines.add(
        "rules: %d, tested: %d (by %d tests), untested: %d"
            .formatted(rules.size(), tested, names.size(), rules.size() - tested));
    for (String id : rules) {
      if (!tests.containsKey(id)) {
        lines.add("  untested " + id + ": " + reasons.getOrDefault(id, "no reason"));
      }
    }
    return lines;
  }

  /** The summary, and for each rule its tests. */
  List<String> report() {
    List<String> lines = new ArrayList<>(summary());
    lines.add("");
    for (String id : rules) {
      lines.add(id + " " + String.join(" ", tests.getOrDefault(id, List.of("-"))));
    }
    return lines;
  }
}

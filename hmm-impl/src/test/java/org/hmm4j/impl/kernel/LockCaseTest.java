// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hmm4j.kernel.KernelBug;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The table of what lockdep reports, and of what it must not. */
final class LockCaseTest {

  private static final List<LockCase> CASES = LockCase.all();

  /** The first line of each report, or what was silent, by case. */
  private static final Map<String, String> OUTCOMES = new TreeMap<>();

  @TestFactory
  Stream<DynamicTest> everyCaseIsJudgedAsTheTableSays() {
    return CASES.stream().map(one -> DynamicTest.dynamicTest(one.name(), () -> judge(one)));
  }

  private static void judge(LockCase one) {
    LockStage stage = new LockStage();
    KernelBug bug = null;
    try {
      one.steps().accept(stage);
    } catch (KernelBug thrown) {
      bug = thrown;
    }
    String outcome = bug == null ? "silent" : bug.getMessage().lines().findFirst().orElse("");
    OUTCOMES.put(one.name(), outcome);
    assertEquals(one.report(), bug == null ? null : bug.rule(), outcome);
    assertEquals(0, stage.kernel.warnCount());
    if (bug == null) {
      assertFalse(stage.a.isHeld() || stage.b.isHeld() || stage.kernel.context().isAtomic());
    }
  }

  @Test
  void halfOfTheCasesAreSilent() {
    long silent = CASES.stream().filter(one -> one.report() == null).count();
    assertTrue(CASES.size() >= 30, () -> CASES.size() + " cases");
    assertTrue(2 * silent >= CASES.size(), () -> silent + " of " + CASES.size());
    assertEquals(CASES.size(), CASES.stream().map(LockCase::name).distinct().count());
  }

  @AfterAll
  static void writeTheTable() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| case | kind | first line of the report |");
    lines.add("|---|---|---|");
    for (LockCase one : CASES) {
      String outcome = OUTCOMES.getOrDefault(one.name(), "not run").replace('|', '/');
      String kind = one.report() == null ? "silent" : "report";
      lines.add("| %s | %s | %s |".formatted(one.name(), kind, outcome));
    }
    Files.write(Files.createDirectories(Path.of("target")).resolve("lockdep-cases.md"), lines);
  }
}

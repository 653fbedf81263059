// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;
import java.util.List;
import org.hmm4j.kernel.KernelBug;

/**
 * How a run failed.
 *
 * @param verdict what is wrong
 * @param message what happened, in words
 * @param thrown what a task threw, or null
 * @param schedule the choices
 * @param steps the steps of all tasks
 */
record Outcome(Verdict verdict, String message, Throwable thrown, Schedule schedule, int steps) {

  /** What stands between the code of a user and what it throws. */
  private static final List<String> FOREIGN =
      List.of("java.", "jdk.", "org.junit.", "org.opentest4j.", "org.hmm4j.impl.");

  /** Returns what two failures have in common that count as the same one. */
  String signature() {
    for (Throwable here = thrown; here != null; here = here.getCause()) {
      if (here instanceof RuleBrokenError broken) {
        return verdict + " " + broken.rule();
      }
    }
    if (thrown instanceof KernelBug bug) {
      return verdict + " " + bug.rule();
    }
    if (thrown instanceof AssertionError) {
      return verdict + " " + thrown.getClass().getName() + " " + place(thrown);
    }
    return thrown == null ? verdict.name() : verdict + " " + thrown.getClass().getName();
  }

  /** Where the user's code threw: what two failed assertions are told apart by. */
  private static String place(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .filter(frame -> FOREIGN.stream().noneMatch(frame.getClassName()::startsWith))
        .findFirst()
        .map(frame -> frame.getClassName() + ":" + frame.getLineNumber())
        .orElse("");
  }

  Outcome verdict(Verdict other) {
    return new Outcome(other, message, thrown, schedule, steps);
  }

  Outcome message(String other) {
    return new Outcome(verdict, other, thrown, schedule, steps);
  }

  boolean isLike(Outcome other) {
    return other != null && signature().equals(other.signature());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.hmm4j.testkit.report.PagePicture;

/** One scenario in its world. */
final class ScenarioRun {

  /** How much of an exception's stack a report shows. */
  private static final int STACK_LINES = 8;

  /** How many pages a picture shows on both sides of those concerned. */
  private static final int PAGES_AROUND = 2;

  private final Scenario scenario;
  private final ReplayWorld world;
  private final ReplayTally tally;

  ScenarioRun(Scenario scenario, ReplayWorld world, ReplayTally tally) {
    this.scenario = scenario;
    this.world = world;
    this.tally = tally;
  }

  void run() {
    boolean sound = steps();
    // The process ends in any case; after a difference what it leaves behind is no news.
    List<String> notes = endOf();
    if (sound && !notes.isEmpty()) {
      tally.differing(
          new Difference(
              tally.trace(),
              scenario.endLine(),
              scenario.name(),
              "end",
              "nothing is left",
              notes.get(0),
              notes.subList(1, notes.size()),
              List.of()),
          0);
    }
  }

  /** Runs until the end, a difference or something unsupported; false after a difference. */
  private boolean steps() {
    List<Step> steps = scenario.steps();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Optional<Difference> difference;
      try {
        Optional<Answer> answer = world.execute(step.operation());
        if (answer.isEmpty()) {
          tally.unsupported(steps.size() - i);
          return true;
        }
        difference = compare(step, answer.get(), world.warnings());
      } catch (RuntimeException | AssertionError e) {
        difference = Optional.of(threw(step, e));
      }
      if (difference.isPresent()) {
        tally.differing(difference.get(), steps.size() - i - 1);
        return false;
      }
      tally.matched();
    }
    return true;
  }

  private Optional<Difference> compare(Step step, Answer answer, List<String> warnings) {
    if (answer.equals(step.expected()) && warnings.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(difference(step, answer.toString(), warnings, differingPages(step, answer)));
  }

  private Difference threw(Step step, Throwable thrown) {
    return difference(step, "threw " + thrown, stackOf(thrown), differingPages(step, Answer.DONE));
  }

  private Difference difference(
      Step step, String actual, List<String> notes, SortedSet<Integer> pages) {
    return new Difference(
        tally.trace(),
        step.line(),
        scenario.name(),
        step.operation().toString(),
        step.expected().toString(),
        actual,
        notes,
        picture(step, pages));
  }

  private List<String> picture(Step step, SortedSet<Integer> pages) {
    PageSpan span = step.operation().span();
    if (span.count() == 0) {
      return List.of();
    }
    try {
      int first = Math.max(0, span.first() - PAGES_AROUND);
      int end = Math.min(scenario.pages(), span.end() + PAGES_AROUND);
      return PagePicture.draw(world.pages(), first, end, pages);
    } catch (RuntimeException e) {
      return List.of("no picture: " + e);
    }
  }

  /** Returns the pages of which the answers tell differently, or else all that are concerned. */
  private static SortedSet<Integer> differingPages(Step step, Answer actual) {
    PageSpan span = step.operation().span();
    List<?> expectedItems = step.expected().perPage().items();
    List<?> actualItems = actual.perPage().items();
    SortedSet<Integer> pages = new TreeSet<>();
    for (int i = 0; i < span.count(); i++) {
      if (!item(expectedItems, i).equals(item(actualItems, i))) {
        pages.add(span.first() + i);
      }
    }
    if (pages.isEmpty()) {
      for (int page = span.first(); page < span.end(); page++) {
        pages.add(page);
      }
    }
    return pages;
  }

  private static Optional<?> item(List<?> items, int index) {
    return index < items.size() ? Optional.of(items.get(index)) : Optional.empty();
  }

  private List<String> endOf() {
    try {
      List<String> left = world.end();
      return Stream.concat(world.warnings().stream(), left.stream()).toList();
    } catch (RuntimeException e) {
      List<String> notes = new ArrayList<>(List.of("threw " + e));
      notes.addAll(stackOf(e));
      return notes;
    }
  }

  private static List<String> stackOf(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .limit(STACK_LINES)
        .map(ScenarioRun::place)
        .toList();
  }

  /** The same on the class path and on the module path, where a frame begins with its module. */
  private static String place(StackTraceElement frame) {
    return "at %s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }
}

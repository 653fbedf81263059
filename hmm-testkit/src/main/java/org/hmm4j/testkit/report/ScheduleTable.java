// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.hmm4j.testkit.record.RunEvent;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunStep.Turn;
import org.hmm4j.testkit.record.RunTask;
import org.hmm4j.testkit.record.WakeUp;

/** A run as text, as Lincheck prints one: a column for each task, a row for each step. */
final class ScheduleTable {

  private static final int WIDTH = 120;
  private static final int STATE_WIDTH = 40;
  private static final int MIN_TASK_WIDTH = 16;
  private static final int MAX_TASK_WIDTH = 36;
  private static final String FRONT = "%1s%1s%6s  ";
  private static final int FRONT_WIDTH = 10;

  private final RunReport report;
  private final RunRecord record;
  private final Highlights highlights;
  private final BitSet shown;
  private final List<Integer> columns;
  private final int taskWidth;
  private final List<String> lines = new ArrayList<>();

  ScheduleTable(RunReport report) {
    this.report = report;
    this.record = report.record();
    this.highlights = new Highlights(report);
    this.shown = highlights.shown();
    this.columns =
        shown.stream()
            .map(step -> record.steps().get(step).task())
            .distinct()
            .sorted()
            .boxed()
            .toList();
    int each = (WIDTH - FRONT_WIDTH - STATE_WIDTH) / Math.max(1, columns.size()) - 2;
    this.taskWidth = Math.max(MIN_TASK_WIDTH, Math.min(MAX_TASK_WIDTH, each));
  }

  List<String> lines() {
    TextWrap.wrap(report.verdict() + ": " + report.message(), WIDTH).forEach(lines::add);
    for (String sentence : report.explanation()) {
      TextWrap.wrap(sentence, WIDTH - 2).forEach(line -> lines.add("  " + line));
    }
    lines.add("");
    heads();
    RunState before = RunState.EMPTY;
    int next = 0;
    for (int step = shown.nextSetBit(0); step >= 0; step = shown.nextSetBit(step + 1)) {
      if (step > next) {
        lines.add(" ".repeat(FRONT_WIDTH) + "... " + steps(step - next) + " ...");
      }
      RunState after = RunState.after(record, step);
      row(step, after.since(before));
      before = after;
      next = step + 1;
    }
    lines.add("");
    lines.add("> matters   ! preemption   (the state is that after the step, where it changed)");
    if (!report.picture().isEmpty()) {
      lines.add("");
      lines.addAll(report.picture());
    }
    return List.copyOf(lines);
  }

  private static String steps(int count) {
    return count == 1 ? "1 step" : count + " steps";
  }

  private void heads() {
    List<List<String>> cells = new ArrayList<>();
    for (int task : columns) {
      cells.add(TextWrap.wrap(record.tasks().get(task).toString(), taskWidth));
    }
    cells.add(List.of("state"));
    add(FRONT.formatted("", "", "step"), cells);
    int width = FRONT_WIDTH + columns.size() * (taskWidth + 2) + STATE_WIDTH;
    lines.add("-".repeat(Math.min(WIDTH, width)));
  }

  private void row(int step, List<String> changes) {
    RunStep what = record.steps().get(step);
    List<List<String>> cells = new ArrayList<>();
    for (int task : columns) {
      cells.add(task == what.task() ? cell(step) : List.of());
    }
    List<String> state = new ArrayList<>();
    changes.forEach(change -> state.addAll(TextWrap.wrap(change, STATE_WIDTH)));
    cells.add(state);
    String front =
        FRONT.formatted(
            highlights.isMarked(step) ? ">" : "", what.turn() == Turn.PREEMPTION ? "!" : "", step);
    add(front, cells);
  }

  /** What a task did in a step, and what came of it. */
  private List<String> cell(int step) {
    RunStep what = record.steps().get(step);
    List<String> texts = new ArrayList<>(List.of(what.text()));
    for (RunEvent event : record.eventsOf(step)) {
      if (isTold(event, what)) {
        texts.add(". " + event.text());
      }
    }
    record.wakeUps().stream()
        .filter(wake -> wake.step() == step)
        .map(this::text)
        .forEach(texts::add);
    RunTask task = record.tasks().get(what.task());
    record.spans().stream()
        .filter(span -> span.kind() == RunSpan.Kind.SLEEP)
        .filter(span -> span.from() == step && span.task() == task.id())
        .forEach(span -> texts.add(". sleeps for " + span.object()));
    if (task.endedAt().isPresent() && task.endedAt().getAsInt() == step) {
      texts.add(". " + task.thrown().map(thrown -> "throws " + thrown).orElse("ends"));
    }
    List<String> cell = new ArrayList<>();
    texts.forEach(text -> cell.addAll(TextWrap.wrap(text, taskWidth)));
    return cell;
  }

  private String text(WakeUp wake) {
    RunTask task = record.tasks().get(wake.task());
    return wake.by().isPresent() ? ". wakes " + task : ". time wakes " + task;
  }

  /** A lock that is taken in a step that takes a lock is no news. */
  private static boolean isTold(RunEvent event, RunStep step) {
    return switch (event.point()) {
      case LOCK_ACQUIRED, SRCU_ENTERED -> step.step().isEmpty();
      case LOCK_RELEASED, SRCU_LEFT, LOCK_CONTENDED, WAITS, INVALIDATION_AWAITED -> false;
      default -> true;
    };
  }

  private void add(String front, List<List<String>> cells) {
    int height = Math.max(1, cells.stream().mapToInt(List::size).max().orElse(1));
    for (int i = 0; i < height; i++) {
      StringBuilder line = new StringBuilder(i == 0 ? front : " ".repeat(FRONT_WIDTH));
      for (List<String> cell : cells) {
        String text = i < cell.size() ? cell.get(i) : "";
        line.append(text).append(" ".repeat(Math.max(0, taskWidth - text.length()) + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
  }
}

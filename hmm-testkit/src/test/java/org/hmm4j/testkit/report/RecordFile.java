// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.hmm4j.machine.Step;
import org.hmm4j.testkit.record.RunEvent;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunTask;
import org.hmm4j.testkit.record.WakeUp;
import org.hmm4j.trace.TracePoint;

/** A report as lines of fields, so that a run can be kept when the engine takes other steps. */
final class RecordFile {

  private static final String NONE = "-";

  /** Stand in a field for what ends a field or line; no run has these. */
  private static final char BAR = '\u00a6';

  private static final char LINE_END = '\u240a';

  private final List<RunTask> tasks = new ArrayList<>();
  private final List<RunStep> steps = new ArrayList<>();
  private final List<RunEvent> events = new ArrayList<>();
  private final List<RunSpan> spans = new ArrayList<>();
  private final List<WakeUp> wakeUps = new ArrayList<>();
  private final Map<String, String> awaited = new HashMap<>();

  private RecordFile() {}

  static String write(RunReport report) {
    StringBuilder text = new StringBuilder();
    add(text, "report", report.title(), report.verdict(), report.message());
    RunRecord record = report.record();
    for (RunTask task : record.tasks()) {
      String endedAt = task.hasEnded() ? "" + task.endedAt().getAsInt() : NONE;
      add(text, "task", task.name(), endedAt, task.thrown().orElse(NONE));
    }
    for (RunStep step : record.steps()) {
      String what = step.step().map(Step::name).orElse(NONE);
      add(text, "step", step.task(), what, step.object(), step.nanos(), step.turn());
    }
    for (RunEvent event : record.events()) {
      add(
          text,
          "event",
          event.step(),
          event.task(),
          event.point(),
          event.object(),
          event.detail(),
          event.address(),
          event.from(),
          event.to());
    }
    for (RunSpan span : record.spans()) {
      add(
          text,
          "span",
          span.kind(),
          span.task(),
          span.object(),
          span.detail(),
          span.from(),
          span.to(),
          span.ended());
    }
    record
        .wakeUps()
        .forEach(wake -> add(text, "wake", wake.step(), wake.by().orElse(-1), wake.task()));
    record.awaited().forEach((queue, mm) -> add(text, "awaited", queue, mm));
    return text.toString();
  }

  private static void add(StringBuilder text, Object... fields) {
    for (Object field : fields) {
      text.append(text.isEmpty() || text.charAt(text.length() - 1) == '\n' ? "" : "|");
      text.append(field.toString().replace('\n', LINE_END).replace('|', BAR));
    }
    text.append('\n');
  }

  static RunReport read(String text) {
    RecordFile file = new RecordFile();
    List<String> lines = text.lines().toList();
    lines.stream().skip(1).forEach(line -> file.add(fields(line)));
    String[] head = fields(lines.get(0));
    RunRecord record =
        new RunRecord(file.tasks, file.steps, file.events, file.spans, file.wakeUps, file.awaited);
    return RunReport.of(head[1], head[2], head[3], record);
  }

  private static String[] fields(String line) {
    String[] fields = line.split("\\|", -1);
    for (int i = 0; i < fields.length; i++) {
      fields[i] = fields[i].replace(BAR, '|').replace(LINE_END, '\n');
    }
    return fields;
  }

  private void add(String[] f) {
    switch (f[0]) {
      case "task" ->
          tasks.add(
              new RunTask(
                  tasks.size(),
                  f[1],
                  f[2].equals(NONE) ? OptionalInt.empty() : OptionalInt.of(number(f[2])),
                  present(f[3])));
      case "step" ->
          steps.add(
              new RunStep(
                  number(f[1]),
                  present(f[2]).map(Step::valueOf),
                  f[3],
                  Long.parseLong(f[4]),
                  RunStep.Turn.valueOf(f[5])));
      case "event" ->
          events.add(
              new RunEvent(
                  number(f[1]),
                  number(f[2]),
                  TracePoint.valueOf(f[3]),
                  f[4],
                  f[5],
                  Long.parseLong(f[6]),
                  Long.parseLong(f[7]),
                  Long.parseLong(f[8])));
      case "span" ->
          spans.add(
              new RunSpan(
                  RunSpan.Kind.valueOf(f[1]),
                  number(f[2]),
                  f[3],
                  f[4],
                  number(f[5]),
                  number(f[6]),
                  Boolean.parseBoolean(f[7])));
      case "wake" -> {
        int by = number(f[2]);
        wakeUps.add(
            new WakeUp(
                number(f[1]), by < 0 ? OptionalInt.empty() : OptionalInt.of(by), number(f[3])));
      }
      case "awaited" -> awaited.put(f[1], f[2]);
      default -> throw new IllegalArgumentException("no such line: " + f[0]);
    }
  }

  private static int number(String field) {
    return Integer.parseInt(field);
  }

  private static Optional<String> present(String field) {
    return field.equals(NONE) ? Optional.empty() : Optional.of(field);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.hmm4j.testkit.record.RunEvent;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunTask;
import org.hmm4j.testkit.record.WakeUp;
import org.hmm4j.trace.TracePoint;

/**
 * A run in the Trace Event Format of Chrome, which Perfetto opens: a track for each task, with
 * slices for what is held and open and for the steps, arrows for wake-ups, counters for sequence
 * numbers.
 *
 * <p>Slices of one track have to lie within each other. What overlaps otherwise, such as locks that
 * are not given back in the reverse order, goes to a further track of the task.
 */
final class PerfettoTrace {

  private static final int PID = 1;

  /** The number of a further track: that of the task and this times how many there are before. */
  private static final int FURTHER_TRACK = 1000;

  private final RunReport report;
  private final RunRecord record;
  private final JsonWriter json = new JsonWriter();

  PerfettoTrace(RunReport report) {
    this.report = report;
    this.record = report.record();
  }

  String json() {
    json.beginObject().name("displayTimeUnit").value("ns");
    json.name("otherData").beginObject();
    json.name("verdict").value(report.verdict()).name("message").value(report.message());
    json.endObject();
    json.name("traceEvents").beginArray();
    name("process_name", 0, report.title() + ": " + report.verdict());
    record.tasks().forEach(this::task);
    for (int i = 0; i < record.steps().size(); i++) {
      step(i, record.steps().get(i));
    }
    for (int i = 0; i < record.wakeUps().size(); i++) {
      arrow(i, record.wakeUps().get(i));
    }
    record.events().stream()
        .filter(event -> event.point() == TracePoint.SEQUENCE_CHANGED)
        .forEach(this::counter);
    json.endArray().endObject();
    return json.toString() + "\n";
  }

  private JsonWriter event(String phase, int track, long micros, String name) {
    return json.line()
        .beginObject()
        .name("ph")
        .value(phase)
        .name("pid")
        .value(PID)
        .name("tid")
        .value(track)
        .name("ts")
        .value(micros)
        .name("name")
        .value(name);
  }

  private void name(String what, int track, String name) {
    event("M", track, 0, what).name("args").beginObject().name("name").value(name).endObject();
    json.endObject();
  }

  private void task(RunTask task) {
    List<ArrayDeque<RunSpan>> tracks = new ArrayList<>();
    name("thread_name", task.id(), task.toString());
    record.spans().stream()
        .filter(span -> span.task() == task.id() && span.to() > span.from())
        .sorted(
            Comparator.comparingInt(RunSpan::from)
                .thenComparing(RunSpan::to, Comparator.reverseOrder()))
        .forEach(span -> slice(task.id() + FURTHER_TRACK * track(task, tracks, span), span));
  }

  /** Finds the first track on which a slice lies within what is open there, or makes one. */
  private int track(RunTask task, List<ArrayDeque<RunSpan>> tracks, RunSpan span) {
    int number = 0;
    while (number < tracks.size() && !fits(tracks.get(number), span)) {
      number++;
    }
    if (number == tracks.size()) {
      tracks.add(new ArrayDeque<>());
      if (number > 0) {
        name("thread_name", task.id() + FURTHER_TRACK * number, task + " (" + (number + 1) + ")");
      }
    }
    tracks.get(number).push(span);
    return number;
  }

  private static boolean fits(ArrayDeque<RunSpan> open, RunSpan span) {
    while (!open.isEmpty() && open.peek().to() <= span.from()) {
      open.pop();
    }
    return open.isEmpty() || open.peek().to() >= span.to();
  }

  private void slice(int track, RunSpan span) {
    event("X", track, span.from(), span.text())
        .name("dur")
        .value((long) span.to() - span.from())
        .name("cat")
        .value(span.kind().name().toLowerCase(Locale.ROOT))
        .name("args")
        .beginObject()
        .name("object")
        .value(span.object())
        .name("ended")
        .value(span.ended())
        .endObject()
        .endObject();
  }

  private void step(int number, RunStep step) {
    event("X", step.task(), number, step.text())
        .name("dur")
        .value(1)
        .name("cat")
        .value("step")
        .name("args")
        .beginObject()
        .name("step")
        .value(number)
        .name("nanos")
        .value(step.nanos())
        .name("turn")
        .value(step.turn().name())
        .name("events")
        .beginArray();
    record.eventsOf(number).forEach(event -> json.value(event.text()));
    json.endArray().endObject().endObject();
  }

  /** From the step that wakes to the next step of who is woken. */
  private void arrow(int id, WakeUp wake) {
    int to = wake.step() + 1;
    while (to < record.steps().size() && record.steps().get(to).task() != wake.task()) {
      to++;
    }
    if (wake.by().isEmpty() || to >= record.steps().size()) {
      return;
    }
    event("s", wake.by().getAsInt(), wake.step(), "wakes").name("cat").value("wake-up");
    json.name("id").value(id).endObject();
    event("f", wake.task(), to, "wakes").name("cat").value("wake-up");
    json.name("bp").value("e").name("id").value(id).endObject();
  }

  private void counter(RunEvent event) {
    event("C", 0, event.step(), "sequence of " + event.object())
        .name("args")
        .beginObject()
        .name("sequence")
        .value(event.to())
        .endObject()
        .endObject();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.Locale;
import org.hmm4j.testkit.record.RunEvent;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.WakeUp;
import org.hmm4j.trace.TracePoint;

/**
 * What the page of a run draws, as JSON. A long run is cut: the page has its last steps, and what
 * was so before is its beginning.
 */
final class TimelineData {

  private static final int MAX_STEPS = 2_000;

  private final RunReport report;
  private final RunRecord record;
  private final Highlights highlights;
  private final int first;
  private final JsonWriter json = new JsonWriter();

  TimelineData(RunReport report) {
    this.report = report;
    this.record = report.record();
    this.highlights = new Highlights(report);
    this.first = Math.max(0, record.steps().size() - MAX_STEPS);
  }

  String json() {
    json.beginObject().name("first").value(first).line().name("tasks").beginArray();
    record.tasks().forEach(task -> json.value(task.toString()));
    json.endArray().line().name("steps").beginArray();
    for (int i = first; i < record.steps().size(); i++) {
      step(i, record.steps().get(i));
    }
    json.endArray().line().name("spans").beginArray();
    record.spans().stream().filter(span -> span.to() > first).forEach(this::span);
    json.endArray().line().name("wakeUps").beginArray();
    record.wakeUps().stream().filter(wake -> wake.step() >= first).forEach(this::wakeUp);
    json.endArray().line().name("events").beginArray();
    record.events().stream().filter(event -> event.step() >= first).forEach(this::event);
    json.endArray().line().name("values").beginArray();
    record.events().forEach(this::value);
    json.endArray().line().name("entries").beginArray();
    record.events().stream()
        .filter(event -> event.point() == TracePoint.ENTRY_CHANGED)
        .forEach(this::entry);
    return json.endArray().endObject().toString() + "\n";
  }

  private void step(int number, RunStep step) {
    json.line()
        .beginObject()
        .name("task")
        .value(step.task())
        .name("text")
        .value(step.text())
        .name("turn")
        .value(step.turn().name().toLowerCase(Locale.ROOT))
        .name("marked")
        .value(highlights.isMarked(number))
        .name("nanos")
        .value(step.nanos())
        .endObject();
  }

  private void span(RunSpan span) {
    json.line()
        .beginObject()
        .name("kind")
        .value(span.kind().name().toLowerCase(Locale.ROOT))
        .name("task")
        .value(span.task())
        .name("text")
        .value(span.text())
        .name("suspect")
        .value(report.suspects().contains(span.object()))
        .name("from")
        .value(span.from())
        .name("to")
        .value(span.to())
        .name("ended")
        .value(span.ended())
        .endObject();
  }

  private void wakeUp(WakeUp wake) {
    json.line()
        .beginObject()
        .name("step")
        .value(wake.step())
        .name("by")
        .value(wake.by().orElse(-1))
        .name("task")
        .value(wake.task())
        .endObject();
  }

  private void event(RunEvent event) {
    json.line()
        .beginObject()
        .name("step")
        .value(event.step())
        .name("text")
        .value(event.text())
        .endObject();
  }

  private void value(RunEvent event) {
    if (event.point() == TracePoint.SEQUENCE_CHANGED) {
      value(event, "sequence of " + event.object(), Long.toString(event.to()));
    } else if (event.point() == TracePoint.RANGE_CHANGED) {
      value(event, event.object(), event.to() == 1 ? "valid" : "not valid");
    }
  }

  private void value(RunEvent event, String name, String value) {
    json.line()
        .beginObject()
        .name("step")
        .value(event.step())
        .name("name")
        .value(name)
        .name("value")
        .value(value)
        .endObject();
  }

  private void entry(RunEvent event) {
    String arrow = " -> ";
    int at = event.detail().indexOf(arrow);
    json.line()
        .beginObject()
        .name("step")
        .value(event.step())
        .name("table")
        .value(event.object())
        .name("address")
        .value("0x" + Long.toHexString(event.address()))
        .name("from")
        .value(at < 0 ? Long.toHexString(event.from()) : event.detail().substring(0, at))
        .name("to")
        .value(
            at < 0 ? Long.toHexString(event.to()) : event.detail().substring(at + arrow.length()))
        .endObject();
  }
}

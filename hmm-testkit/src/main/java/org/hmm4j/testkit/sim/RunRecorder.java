// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.testkit.record.RunEvent;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan.Kind;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunStep.Turn;
import org.hmm4j.testkit.record.RunTask;
import org.hmm4j.testkit.record.WakeUp;
import org.hmm4j.trace.TraceEvent;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.TraceSink;

/**
 * Writes the {@link RunRecord} of one run: watches the machine, and is the trace sink of the kernel
 * on it.
 */
final class RunRecorder implements RunWatcher, TraceSink {

  private final ObjectNames names = new ObjectNames();
  private final List<TaskNotes> tasks = new ArrayList<>();
  private final List<RunStep> steps = new ArrayList<>();
  private final List<RunEvent> events = new ArrayList<>();
  private final SpanBook spans = new SpanBook();
  private final List<WakeUp> wakeUps = new ArrayList<>();
  private final Map<String, String> awaited = new HashMap<>();
  private boolean over;

  /** What is known of a task so far. */
  private static final class TaskNotes {
    private final Task task;
    private OptionalInt endedAt = OptionalInt.empty();
    private Throwable thrown;
    private boolean asleep;
    private boolean running;

    /** The lock that it has to wait for, or the queue that it waits in; null if neither. */
    private Object blockedOn;

    TaskNotes(Task task) {
      this.task = task;
    }

    RunTask toValue() {
      return new RunTask(
          task.id(), task.name(), endedAt, Optional.ofNullable(thrown).map(Throwable::toString));
    }
  }

  /** Returns what was recorded. */
  RunRecord record() {
    return new RunRecord(
        tasks.stream().map(TaskNotes::toValue).toList(),
        steps,
        events,
        spans.spans(steps.size()),
        wakeUps,
        awaited);
  }

  @Override
  public void spawned(Task parent, Task child) {
    tasks.add(new TaskNotes(child));
  }

  @Override
  public void step(Task task, Step step, Object object) {
    if (!over) {
      notes(task).blockedOn = null;
      add(task, Optional.of(step), names.of(object));
    }
  }

  private void add(Task task, Optional<Step> step, String object) {
    Turn turn = Turn.SAME;
    if (!steps.isEmpty() && last().task() != task.id()) {
      TaskNotes before = tasks.get(last().task());
      turn = before.asleep || before.endedAt.isPresent() ? Turn.FORCED : Turn.PREEMPTION;
    }
    notes(task).running = true;
    steps.add(new RunStep(task.id(), step, object, ((SimTask) task).machine.nanoTime(), turn));
  }

  /** Returns the number of the step that the task is in, which it may begin without a point. */
  private int now(Task task) {
    if (steps.isEmpty() || last().task() != task.id()) {
      add(task, Optional.empty(), notes(task).running ? "goes on" : "begins");
    }
    return steps.size() - 1;
  }

  private RunStep last() {
    return steps.get(steps.size() - 1);
  }

  private TaskNotes notes(Task task) {
    return tasks.get(task.id());
  }

  @Override
  public void slept(Task task) {
    if (!over) {
      TaskNotes notes = notes(task);
      int now = now(task);
      notes.asleep = true;
      Object what = notes.blockedOn == null ? ((SimTask) task).object : notes.blockedOn;
      spans.open(Kind.SLEEP, task.id(), what == null ? "nothing" : names.of(what), "", now);
    }
  }

  @Override
  public void woken(Task by, Task task) {
    if (!over) {
      notes(task).asleep = false;
      int now = by == null ? Math.max(0, steps.size() - 1) : steps.size() - 1;
      spans.close(Kind.SLEEP, task.id(), now);
      wakeUps.add(
          new WakeUp(now, by == null ? OptionalInt.empty() : OptionalInt.of(by.id()), task.id()));
    }
  }

  @Override
  public void ended(Task task, Throwable thrown) {
    if (!over) {
      notes(task).endedAt = OptionalInt.of(now(task));
      notes(task).thrown = thrown;
    }
  }

  @Override
  public void over() {
    over = true;
  }

  @Override
  public void accept(TraceEvent event) {
    // Who wakes whom is told by the machine, with joins and timeouts.
    if (over || event.point() == TracePoint.WOKEN) {
      return;
    }
    if (event.point() == TracePoint.ALLOCATED) {
      names.set(event.object(), event.detail().toString());
    }
    int now = now(event.task());
    int task = event.task().id();
    String object = names.of(event.object());
    String detail = detail(event);
    events.add(
        new RunEvent(
            now, task, event.point(), object, detail, event.address(), event.from(), event.to()));
    note(event, object, detail);
    spans.note(event.point(), task, object, detail, now);
  }

  private String detail(TraceEvent event) {
    if (event.detail() == null) {
      return "";
    }
    return switch (event.point()) {
      // How an exclusive lock is held says nothing.
      case LOCK_CONTENDED, LOCK_ACQUIRED, LOCK_RELEASED ->
          event.detail().toString().startsWith("for ") ? event.detail().toString() : "";
      case WAITS, ALLOCATED, FREED -> "";
      default -> names.of(event.detail());
    };
  }

  private void note(TraceEvent event, String object, String detail) {
    TaskNotes notes = notes(event.task());
    switch (event.point()) {
      case LOCK_CONTENDED -> notes.blockedOn = event.object();
      case LOCK_ACQUIRED -> notes.blockedOn = null;
      case WAITS -> {
        if (notes.blockedOn == null) {
          notes.blockedOn = event.object();
        }
      }
      case INVALIDATION_AWAITED -> awaited.put(object, detail);
      default -> {
        // Says nothing of who waits for what.
      }
    }
  }
}

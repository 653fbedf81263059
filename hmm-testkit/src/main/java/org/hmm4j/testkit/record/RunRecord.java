// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hmm4j.trace.TracePoint;

/**
 * One run, step by step. All lists are in the order of what happened; steps, events and the rest
 * name tasks and steps by their place in the lists. Objects are texts: two objects of one text are
 * told apart by a number.
 *
 * @param tasks who took part
 * @param steps what they did
 * @param events what the kernel reported
 * @param spans what was open for some time, in order of the beginning
 * @param wakeUps the sleeps that ended
 * @param awaited for a wait queue in which tasks wait for the end of invalidations, the mm
 */
public record RunRecord(
    List<RunTask> tasks,
    List<RunStep> steps,
    List<RunEvent> events,
    List<RunSpan> spans,
    List<WakeUp> wakeUps,
    Map<String, String> awaited) {

  /**
   * Copies the lists.
   *
   * @param tasks who took part
   * @param steps what they did
   * @param events what the kernel reported
   * @param spans what was open
   * @param wakeUps the sleeps that ended
   * @param awaited the mms of wait queues
   */
  public RunRecord {
    tasks = List.copyOf(tasks);
    steps = List.copyOf(steps);
    events = List.copyOf(events);
    spans = List.copyOf(spans);
    wakeUps = List.copyOf(wakeUps);
    awaited = Map.copyOf(awaited);
  }

  /**
   * Returns what was open after a step.
   *
   * @param kind what to look for
   * @param step the number of a step
   * @return the spans, in order of the beginning
   */
  public List<RunSpan> open(RunSpan.Kind kind, int step) {
    return spans.stream().filter(span -> span.kind() == kind && span.covers(step)).toList();
  }

  /**
   * Returns what is open at the end.
   *
   * @param kind what to look for
   * @return the spans, in order of the beginning
   */
  public List<RunSpan> openAtEnd(RunSpan.Kind kind) {
    return spans.stream().filter(span -> span.kind() == kind && !span.ended()).toList();
  }

  /**
   * Returns who was left at the end.
   *
   * @return the tasks that did not end, in order
   */
  public List<RunTask> unended() {
    return tasks.stream().filter(task -> !task.hasEnded()).toList();
  }

  /**
   * Returns what happened in a step.
   *
   * @param step the number of a step
   * @return the events
   */
  public List<RunEvent> eventsOf(int step) {
    return events.subList(firstEventOf(step), firstEventOf(step + 1));
  }

  private int firstEventOf(int step) {
    int low = 0;
    int high = events.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (events.get(middle).step() < step) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Returns the sequence numbers after a step.
   *
   * @param step the number of a step
   * @return by mm or interval notifier; those that were never changed are missing
   */
  public Map<String, Long> sequences(int step) {
    return values(TracePoint.SEQUENCE_CHANGED, step);
  }

  /**
   * Returns which ranges were valid after a step.
   *
   * @param step the number of a step
   * @return by range; 1 if valid, 0 if not
   */
  public Map<String, Long> validity(int step) {
    return values(TracePoint.RANGE_CHANGED, step);
  }

  private Map<String, Long> values(TracePoint point, int step) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (RunEvent event : events) {
      if (event.step() > step) {
        break;
      }
      if (event.point() == point) {
        values.put(event.object(), event.to());
      }
    }
    return values;
  }
}

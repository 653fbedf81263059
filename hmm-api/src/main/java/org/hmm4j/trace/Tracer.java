// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

import java.util.Objects;
import org.hmm4j.machine.Machine;

/**
 * Makes events of the calling task and hands them to a sink. Where nobody listens there is no
 * tracer: callers keep a field that is null then, so that tracing costs one comparison.
 */
public final class Tracer {

  private final Machine machine;
  private final TraceSink sink;

  /**
   * Binds a machine to a sink.
   *
   * @param machine says who calls, and when
   * @param sink takes the events
   */
  public Tracer(Machine machine, TraceSink sink) {
    this.machine = Objects.requireNonNull(machine, "machine");
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  /**
   * Reports something about an object. Any context.
   *
   * @param point what happens
   * @param object to what
   */
  public void report(TracePoint point, Object object) {
    report(point, object, null);
  }

  /**
   * As {@link #report(TracePoint, Object)}, with more to say.
   *
   * @param point what happens
   * @param object to what
   * @param detail how
   */
  public void report(TracePoint point, Object object, Object detail) {
    send(point, object, detail, 0, 0, 0);
  }

  /**
   * Reports a change of a value. Any context.
   *
   * @param point what changes
   * @param object of what
   * @param from the value before
   * @param to the value after
   */
  public void change(TracePoint point, Object object, long from, long to) {
    send(point, object, null, 0, from, to);
  }

  /**
   * Reports a change of an entry of a page table. Any context.
   *
   * @param table the mm or the table of a device
   * @param address the first address that the entry maps, in bytes
   * @param from the entry before
   * @param to the entry after
   * @param detail both for people
   */
  public void entryChanged(Object table, long address, long from, long to, String detail) {
    send(TracePoint.ENTRY_CHANGED, table, detail, address, from, to);
  }

  private void send(
      TracePoint point, Object object, Object detail, long address, long from, long to) {
    sink.accept(
        new TraceEvent(
            point, machine.nanoTime(), machine.current(), object, detail, address, from, to));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** One of the two reference counts of an mm: {@code atomic_t}, include/linux/mm_types.h. */
final class MmCounter {

  private final String name;
  private final Machine machine;
  private final Tracer tracer;
  private final AtomicInteger count = new AtomicInteger(1);

  MmCounter(Kernel kernel, String name) {
    this.name = name;
    this.machine = kernel.machine();
    this.tracer = kernel.tracer();
  }

  /** Comes before each change. */
  void step() {
    machine.preemptionPoint(Step.COUNT, this);
  }

  int get() {
    return count.get();
  }

  /** Changes the count if it is still what the caller has seen. */
  boolean change(int from, int to) {
    if (!count.compareAndSet(from, to)) {
      return false;
    }
    report(from, to);
    return true;
  }

  /** Changes the count by a number; returns the new value. */
  int add(int difference) {
    int now = count.addAndGet(difference);
    report(now - difference, now);
    return now;
  }

  private void report(int from, int to) {
    if (tracer != null) {
      tracer.change(TracePoint.COUNT_CHANGED, this, from, to);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

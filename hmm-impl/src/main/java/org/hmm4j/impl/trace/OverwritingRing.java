// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.hmm4j.trace.TraceEvent;
import org.hmm4j.trace.TraceRing;
import org.jctools.queues.MpmcArrayQueue;

/** A ring in which a new event takes the place of the oldest. Nobody waits for anybody. */
final class OverwritingRing implements TraceRing {

  private final MpmcArrayQueue<TraceEvent> events;
  private final AtomicLong lost = new AtomicLong();

  OverwritingRing(int capacity) {
    if (capacity < 2) {
      throw new IllegalArgumentException("a ring keeps 2 events or more, got " + capacity);
    }
    events = new MpmcArrayQueue<>(capacity);
  }

  @Override
  public void accept(TraceEvent event) {
    while (!events.offer(event)) {
      // Several writers may each make room; then the ring is short of full for a moment.
      if (events.poll() != null) {
        lost.incrementAndGet();
      }
    }
  }

  @Override
  public List<TraceEvent> drain() {
    List<TraceEvent> drained = new ArrayList<>();
    // Bounded, so that it ends while others write.
    events.drain(drained::add, events.capacity());
    return drained;
  }

  @Override
  public long lost() {
    return lost.get();
  }
}

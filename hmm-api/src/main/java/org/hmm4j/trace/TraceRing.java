// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

import java.util.List;

/**
 * Keeps the last events, as the ring buffer of ftrace does (kernel/trace/ring_buffer.c). Any number
 * of tasks may write and read.
 */
public interface TraceRing extends TraceSink {

  /**
   * Makes an empty ring.
   *
   * @param capacity how many events it keeps, 2 or more; rounded up to a power of two
   * @return the ring
   * @throws IllegalArgumentException if the capacity is less than 2
   * @throws IllegalStateException if no engine is on the path
   */
  static TraceRing ofCapacity(int capacity) {
    return TraceProvider.find().ring(capacity);
  }

  /**
   * Takes out what is there.
   *
   * @return the events, oldest first
   */
  List<TraceEvent> drain();

  /**
   * Returns how many events were lost because newer ones needed their place.
   *
   * @return a number of events
   */
  long lost();
}

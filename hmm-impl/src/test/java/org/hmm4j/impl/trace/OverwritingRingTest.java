// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.hmm4j.trace.TraceEvent;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.TraceRing;
import org.junit.jupiter.api.Test;

class OverwritingRingTest {

  private static TraceEvent event(long number) {
    return new TraceEvent(TracePoint.COUNT_CHANGED, 0, null, "count", null, 0, 0, number);
  }

  private static List<Long> numbers(TraceRing ring) {
    return ring.drain().stream().map(TraceEvent::to).toList();
  }

  @Test
  void keepsTheLastEventsAndCountsTheOthers() {
    TraceRing ring = TraceRing.ofCapacity(4);
    IntStream.rangeClosed(1, 6).forEach(i -> ring.accept(event(i)));
    assertEquals(List.of(3L, 4L, 5L, 6L), numbers(ring));
    assertEquals(2, ring.lost());
    assertEquals(List.of(), numbers(ring));
  }

  @Test
  void aRingForLessThanTwoEventsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> TraceRing.ofCapacity(1));
  }

  @Test
  void manyWritersLoseNothingUncounted() throws Exception {
    int writers = 4;
    int each = 20_000;
    TraceRing ring = TraceRing.ofCapacity(64);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<? extends Future<?>> runs =
          IntStream.range(0, writers)
              .mapToObj(
                  writer ->
                      threads.submit(
                          () -> IntStream.range(0, each).forEach(i -> ring.accept(event(i)))))
              .toList();
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      threads.shutdown();
    }
    assertEquals(writers * each, ring.lost() + ring.drain().size());
  }
}

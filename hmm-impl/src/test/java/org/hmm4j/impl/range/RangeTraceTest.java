// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.range.HmmRange;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.TraceRing;
import org.junit.jupiter.api.Test;

/** What a mirror reports. */
class RangeTraceTest {

  private static final Set<TracePoint> WANTED =
      EnumSet.of(
          TracePoint.INVALIDATION_BEGUN,
          TracePoint.INVALIDATION_FAILED,
          TracePoint.INVALIDATION_ENDED,
          TracePoint.CALLBACK_ENTERED,
          TracePoint.CALLBACK_LEFT,
          TracePoint.RANGE_CHANGED,
          TracePoint.RANGE_CHECKED);

  @Test
  void aMirrorTellsWhetherItsRangesAreValid() {
    TraceRing ring = TraceRing.ofCapacity(1024);
    MirrorBench world = new MirrorBench(KernelOptions.defaults().trace(ring));
    MirrorBench.Ops ops = world.ops("m");
    ops.onSync = update -> update.blockable() ? Errno.OK : Errno.EAGAIN;
    HmmRange range = world.registered(world.mirror(ops), 1, 4);
    ring.drain();
    assertEquals(Errno.EAGAIN, world.startNonblock(2, 3));
    assertTrue(range.valid());
    List<String> told =
        ring.drain().stream()
            .filter(event -> WANTED.contains(event.point()))
            .map(event -> event.point() + " " + event.detail() + " " + event.from() + event.to())
            .filter(line -> !line.contains("invalidateRangeEnd"))
            .toList();
    assertEquals(
        List.of(
            "INVALIDATION_BEGUN " + world.nonblock(2, 3) + " 00",
            "CALLBACK_ENTERED invalidateRangeStart 00",
            "RANGE_CHANGED null 10",
            "CALLBACK_ENTERED syncCpuDevicePagetables 00",
            "CALLBACK_LEFT syncCpuDevicePagetables 00",
            "RANGE_CHANGED null 01",
            "CALLBACK_LEFT invalidateRangeStart 00",
            "INVALIDATION_FAILED " + world.nonblock(2, 3) + " 00",
            "RANGE_CHECKED null 01"),
        told);
  }
}

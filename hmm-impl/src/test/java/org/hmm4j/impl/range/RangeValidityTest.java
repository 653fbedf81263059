// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.assertBug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;

/** The state machine of table 4.5, row by row, and waiting. The range covers pages 4 to 7. */
final class RangeValidityTest {

  /** Far longer than a test waits for a task: who is not woken hangs, and that is noticed. */
  private static final long LONG = 3_600_000;

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;
  private final MirrorBench.Ops ops = it.ops("a");
  private final HmmMirror mirror = it.mirror(ops);

  @Test
  void R225_registeredWhileNothingRuns() {
    assertTrue(it.registered(mirror, 4, 8).valid());
  }

  @Test
  void R225_registeredWhileAnyInvalidationRunsItStaysInvalidUntilAllAreOver() {
    it.start(40, 41);
    HmmRange range = it.registered(mirror, 4, 8);
    assertFalse(range.valid());
    it.start(50, 51);
    it.end(40, 41);
    assertFalse(range.valid());
    it.end(50, 51);
    assertTrue(range.valid());
  }

  @Test
  void R226_startThatOverlaps() {
    for (long[] hit : new long[][] {{4, 8}, {0, 64}, {5, 6}, {0, 5}, {7, 8}, {7, 20}}) {
      HmmRange range = it.registered(mirror, 4, 8);
      it.start(hit[0], hit[1]);
      assertFalse(range.valid(), hit[0] + " " + hit[1]);
      it.end(hit[0], hit[1]);
      assertTrue(range.valid());
      mirror.rangeUnregister(range);
    }
  }

  @Test
  void R226_startThatEndsWhereTheRangeBeginsInvalidatesItToo() {
    HmmRange range = it.registered(mirror, 4, 8);
    it.start(2, 4);
    assertFalse(range.valid());
    it.end(2, 4);
    assertTrue(range.valid());
    MmuNotifierRange bytes = MmuNotifierRange.of(bench.mm, MmuNotifierEvent.CLEAR, 0x1000, 0x3fff);
    bench.notifiers.invalidateRangeStart(bytes);
    assertTrue(range.valid());
    bench.notifiers.invalidateRangeEnd(bytes);
  }

  @Test
  void R226_startThatDoesNotOverlap() {
    HmmRange range = it.registered(mirror, 4, 8);
    for (long[] miss : new long[][] {{8, 9}, {0, 3}, {30, 60}}) {
      it.start(miss[0], miss[1]);
      assertTrue(range.valid(), miss[0] + " " + miss[1]);
    }
    it.end(0, 3);
    it.end(8, 9);
    it.end(30, 60);
    assertTrue(range.valid());
  }

  @Test
  void R227_validAgainOnlyWhenNoneAtAllIsRunning() {
    HmmRange range = it.registered(mirror, 4, 8);
    HmmRange other = it.registered(mirror, 40, 44);
    it.start(5, 6);
    it.start(50, 51);
    assertTrue(other.valid());
    it.end(5, 6);
    assertFalse(range.valid(), "late: its own is over, another is not");
    assertTrue(other.valid());
    it.end(50, 51);
    assertTrue(range.valid());
  }

  @Test
  void R229_failedStartIsAsAStartAndThenAnEnd() {
    HmmRange range = it.registered(mirror, 4, 8);
    AtomicBoolean during = new AtomicBoolean(true);
    ops.onSync =
        update -> {
          during.set(range.valid());
          return Errno.EAGAIN;
        };
    assertEquals(Errno.EAGAIN, it.startNonblock(5, 6));
    assertFalse(during.get());
    assertTrue(range.valid());
    it.start(40, 41);
    assertEquals(Errno.EAGAIN, it.startNonblock(5, 6));
    assertFalse(range.valid(), "the other one still runs");
    it.end(40, 41);
    assertTrue(range.valid());
  }

  @Test
  void R227_i27_theLastEndMakesAllRangesValid() {
    HmmRange[] ranges = new HmmRange[20];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = it.registered(mirror, i * 3, i * 3 + 2);
    }
    it.start(0, 64);
    for (HmmRange range : ranges) {
      assertFalse(range.valid());
    }
    mirror.rangeUnregister(ranges[7]);
    it.end(0, 64);
    for (int i = 0; i < ranges.length; i++) {
      HmmRange range = ranges[i];
      if (i == 7) {
        assertBug(Rule.USE_AFTER_FREE, range::valid);
      } else {
        assertTrue(range.valid());
      }
    }
  }

  @Test
  void equalAndOverlappingRangesAreEachTracked() {
    HmmRange first = it.registered(mirror, 4, 8);
    HmmRange same = it.registered(mirror, 4, 8);
    HmmRange wider = it.registered(mirror, 0, 60);
    it.start(4, 5);
    assertFalse(first.valid() || same.valid() || wider.valid());
    mirror.rangeUnregister(same);
    it.end(4, 5);
    assertTrue(first.valid() && wider.valid());
  }

  @Test
  void addressesCompareUnsigned() {
    HmmRange range = it.registered(mirror, 4, 8);
    MmuNotifierRange all = MmuNotifierRange.of(bench.mm, MmuNotifierEvent.CLEAR, 0, -1L);
    bench.notifiers.invalidateRangeStart(all);
    assertFalse(range.valid());
    bench.notifiers.invalidateRangeEnd(all);
    MmuNotifierRange top =
        MmuNotifierRange.of(bench.mm, MmuNotifierEvent.CLEAR, Long.MIN_VALUE, -1L);
    bench.notifiers.invalidateRangeStart(top);
    assertTrue(range.valid());
    bench.notifiers.invalidateRangeEnd(top);
  }

  @Test
  void otherMmsAreOthers() {
    MirrorBench other = new MirrorBench();
    HmmRange range = it.registered(mirror, 4, 8);
    HmmMirror there = other.mirror("b");
    other.start(4, 8);
    assertTrue(range.valid());
    other.end(4, 8);
    there.unregister();
  }

  @Test
  void R231_i27b_zeroMillisTestOnce() {
    HmmRange range = it.registered(mirror, 4, 8);
    assertTrue(range.waitUntilValid(0));
    it.start(4, 8);
    assertFalse(range.waitUntilValid(0));
    assertFalse(range.valid(), "waiting changes nothing");
    it.end(4, 8);
    assertTrue(range.waitUntilValid(LONG));
  }

  @Test
  void R231_i27b_timeRunsOut() {
    HmmRange range = it.registered(mirror, 4, 8);
    it.start(4, 8);
    long begin = System.nanoTime();
    assertFalse(range.waitUntilValid(20));
    assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(20));
    it.end(4, 8);
  }

  @Test
  void negativeTimeIsRefused() {
    HmmRange range = it.registered(mirror, 4, 8);
    String message =
        assertThrows(IllegalArgumentException.class, () -> range.waitUntilValid(-3)).getMessage();
    assertTrue(message.contains("-3"), message);
  }

  @Test
  void R232_p10_i18_notInAtomicContextAlsoWhenItIsValid() {
    HmmRange range = it.registered(mirror, 4, 8);
    SpinLock lock = bench.kernel.spinLock("driver");
    lock.lock();
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> range.waitUntilValid(10));
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> range.waitUntilValid(0));
    assertTrue(range.valid(), "this may be asked anywhere");
    lock.unlock();
  }

  @Test
  void R227_i27_everyWaiterIsWoken() {
    HmmRange first = it.registered(mirror, 4, 8);
    HmmRange second = it.registered(mirror, 40, 48);
    it.start(4, 8);
    it.start(40, 48);
    AtomicBoolean[] seen = {new AtomicBoolean(), new AtomicBoolean()};
    MirrorBench.Other[] waiters = {
      it.other(() -> seen[0].set(first.waitUntilValid(LONG))),
      it.other(() -> seen[1].set(second.waitUntilValid(LONG)))
    };
    waiters[0].awaitAsleep();
    waiters[1].awaitAsleep();
    it.end(4, 8);
    it.end(40, 48);
    waiters[0].join();
    waiters[1].join();
    assertTrue(seen[0].get() && seen[1].get());
  }

  @Test
  void R228_p17d_i25_invalidWhileACallbackRunsWhateverElseEnds() {
    HmmRange range = it.registered(mirror, 4, 8);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ops.onSync =
        update -> {
          if (update.start() == bench.at(4)) {
            inside.countDown();
            MirrorBench.await(go);
          }
          return Errno.OK;
        };
    MirrorBench.Other changer =
        it.other(
            () -> {
              it.start(4, 8);
              it.end(4, 8);
            });
    MirrorBench.await(inside);
    it.start(20, 21);
    it.end(20, 21);
    assertFalse(range.valid());
    assertFalse(range.waitUntilValid(0));
    go.countDown();
    changer.join();
    assertTrue(range.valid());
  }
}

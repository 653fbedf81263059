// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.assertBug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.impl.range.MirrorBench.Ops;
import org.hmm4j.impl.range.MirrorBench.Other;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.junit.jupiter.api.Test;

/** Callbacks of mirrors: their order, what they may answer, and how a failure is undone. */
final class MirrorSyncTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;
  private final Ops oldest = it.ops("a");
  private final Ops middle = it.ops("b");
  private final Ops newest = it.ops("c");
  private final HmmMirror a = it.mirror(oldest);
  private final HmmMirror b = it.mirror(middle);
  private final HmmMirror c = it.mirror(newest);
  private final HmmRange range = it.registered(a, 4, 8);

  /** No invalidation is counted any more: a start and an end make everything valid. */
  private void assertBalanced() {
    assertTrue(range.valid());
    it.calls.clear();
    newest.onSync = middle.onSync = oldest.onSync = update -> Errno.OK;
    it.start(4, 5);
    assertFalse(range.valid());
    it.end(4, 5);
    assertTrue(range.valid());
    assertTrue(range.waitUntilValid(0));
    assertEquals(List.of("sync c", "sync b", "sync a"), it.calls);
  }

  @Test
  void R234_newestFirstAndOnlyAtTheStart() {
    it.start(4, 5);
    assertEquals(List.of("sync c", "sync b", "sync a"), it.calls);
    it.end(4, 5);
    assertEquals(3, it.calls.size());
    b.unregister();
    it.start(4, 5);
    it.end(4, 5);
    assertEquals(List.of("sync c", "sync a"), it.calls.subList(3, 5));
  }

  @Test
  void R234_theUpdateSaysWhatTheInvalidationSaid() {
    List<HmmUpdate> seen = new ArrayList<>();
    newest.onSync =
        update -> {
          seen.add(update);
          return Errno.OK;
        };
    Object owner = new Object();
    MmuNotifierRange change =
        MmuNotifierRange.of(bench.mm, MmuNotifierEvent.MIGRATE, 0x1000, 0x5000).owner(owner);
    bench.notifiers.invalidateRangeStart(change);
    bench.notifiers.invalidateRangeEnd(change);
    assertEquals(Errno.OK, bench.notifiers.invalidateRangeStartNonblock(change.nonBlockable()));
    bench.notifiers.invalidateRangeEnd(change.nonBlockable());
    assertEquals(
        List.of(
            new HmmUpdate(0x1000, 0x5000, true, MmuNotifierEvent.MIGRATE, owner),
            new HmmUpdate(0x1000, 0x5000, false, MmuNotifierEvent.MIGRATE, owner)),
        seen);
  }

  @Test
  void R235_p17b_i23_aMirrorThatWouldSleepStopsTheRound() {
    middle.onSync = update -> Errno.EAGAIN;
    assertEquals(Errno.EAGAIN, it.startNonblock(4, 5));
    assertEquals(List.of("sync c", "sync b"), it.calls);
    assertEquals(List.of(), it.warnings());
    assertBalanced();
  }

  @Test
  void R236_p17a_i21_aFailedTrylockOfMirrorsSemCallsNobodyAndLeavesTheCount() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    oldest.onSync =
        update -> {
          inside.countDown();
          MirrorBench.await(go);
          return Errno.OK;
        };
    Other changer =
        it.other(
            () -> {
              it.start(40, 41);
              it.end(40, 41);
            });
    MirrorBench.await(inside);
    Other writer = it.other(c::unregister);
    writer.awaitAsleep();
    it.calls.clear();
    assertEquals(Errno.EAGAIN, it.startNonblock(4, 5), "a writer waits for mirrors_sem");
    assertEquals(List.of(), it.calls);
    assertFalse(range.valid(), "the other invalidation still runs");
    go.countDown();
    changer.join();
    writer.join();
    assertTrue(range.valid());
    assertTrue(range.waitUntilValid(0));
    assertEquals(List.of(), it.warnings());
  }

  @Test
  void R237_i23b_p17c_aNonBlockableCallbackThatSleepsIsReported() {
    oldest.onSync =
        update -> {
          range.waitUntilValid(0);
          return Errno.OK;
        };
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> it.startNonblock(4, 5));
    assertBalanced();
  }

  @Test
  void R238_aBlockableUpdateMustNotBeRefused() {
    for (Errno answer : new Errno[] {Errno.EAGAIN, Errno.EBUSY, null}) {
      it.calls.clear();
      newest.onSync = update -> answer;
      int before = it.warnings().size();
      it.start(4, 5);
      assertEquals(List.of("sync c", "sync b", "sync a"), it.calls);
      assertEquals(before + 1, it.warnings().size());
      assertTrue(it.warnings().get(before).contains(String.valueOf(answer)));
      assertFalse(range.valid());
      it.end(4, 5);
    }
    assertBalanced();
  }

  @Test
  void R238_anyOtherErrorOfANonBlockableUpdateIsAWarningAndCountsAsSuccess() {
    newest.onSync = update -> Errno.ENOMEM;
    assertEquals(Errno.OK, it.startNonblock(4, 5));
    assertEquals(3, it.calls.size());
    assertEquals(1, it.warnings().size());
    assertFalse(range.valid());
    bench.notifiers.invalidateRangeEnd(it.nonblock(4, 5));
    assertBalanced();
  }

  @Test
  void R239_aCallbackThatThrowsIsReportedAfterTheOthersWereCalledAndTheStartIsTakenBack() {
    IllegalStateException fire = new IllegalStateException("device on fire");
    middle.onSync =
        update -> {
          throw fire;
        };
    KernelBug bug = assertBug(Rule.CALLBACK_THREW, () -> it.start(4, 5));
    assertSame(fire, bug.getCause());
    assertEquals(List.of("sync c", "sync b", "sync a"), it.calls);
    assertBalanced();
  }

  @Test
  void R239_twoThatThrowAreBothReported() {
    newest.onSync =
        update -> {
          throw new IllegalStateException("first");
        };
    oldest.onSync =
        update -> {
          throw new AssertionError("second");
        };
    KernelBug bug = assertBug(Rule.CALLBACK_THREW, () -> it.start(4, 5));
    assertEquals("first", bug.getCause().getMessage());
    assertEquals("second", bug.getSuppressed()[0].getCause().getMessage());
    assertBalanced();
  }

  @Test
  void R239_aThrowIsNotHiddenByALaterRefusal() {
    newest.onSync =
        update -> {
          throw new IllegalStateException("device on fire");
        };
    oldest.onSync = update -> Errno.EAGAIN;
    assertBug(Rule.CALLBACK_THREW, () -> it.startNonblock(4, 5));
    assertBalanced();
  }

  @Test
  void R239_aThrowWakesThoseWhoWait() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    newest.onSync =
        update -> {
          inside.countDown();
          MirrorBench.await(go);
          throw new IllegalStateException("device on fire");
        };
    Other changer = it.other(() -> assertBug(Rule.CALLBACK_THREW, () -> it.start(4, 5)));
    MirrorBench.await(inside);
    AtomicBoolean seen = new AtomicBoolean();
    Other waiter = it.other(() -> seen.set(range.waitUntilValid(3_600_000)));
    waiter.awaitAsleep();
    go.countDown();
    changer.join();
    waiter.join();
    assertTrue(seen.get());
    assertBalanced();
  }

  @Test
  void R212_i05_unregisterWaitsForTheCallbackThatRuns() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean finished = new AtomicBoolean();
    middle.onSync =
        update -> {
          inside.countDown();
          MirrorBench.await(go);
          finished.set(true);
          return Errno.OK;
        };
    Other changer =
        it.other(
            () -> {
              it.start(4, 5);
              it.end(4, 5);
            });
    MirrorBench.await(inside);
    Other leaver =
        it.other(
            () -> {
              b.unregister();
              assertTrue(finished.get(), "a callback still ran when unregister returned");
            });
    leaver.awaitAsleep();
    go.countDown();
    leaver.join();
    changer.join();
  }

  @Test
  void R233_i12_theRangesLockIsNotHeldInACallback() {
    middle.onSync =
        update -> {
          assertFalse(bench.kernel.context().isAtomic());
          HmmRange fresh = bench.range(10, 11);
          assertEquals(Errno.OK, b.rangeRegister(fresh));
          assertFalse(fresh.valid());
          assertFalse(b.rangeUnregister(fresh));
          return Errno.OK;
        };
    it.start(4, 5);
    it.end(4, 5);
    assertBalanced();
  }

  @Test
  void R240_releaseCallsEachOnceNewestFirstAndAlsoAfterAThrow() {
    a.rangeUnregister(range);
    newest.onRelease =
        mirror -> {
          throw new IllegalStateException("device on fire");
        };
    assertBug(Rule.CALLBACK_THREW, bench.mm::mmput);
    assertEquals(List.of("release c", "release b", "release a"), it.calls);
    assertEquals(1, bench.space.exits.get());
    a.unregister();
    b.unregister();
    c.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of(), it.live());
    assertEquals(3, it.calls.size(), "I20");
  }
}

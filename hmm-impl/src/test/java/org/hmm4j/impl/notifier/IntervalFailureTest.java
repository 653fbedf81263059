// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interval callbacks that refuse or throw, and starts that fail for another reason. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalFailureTest {

  private static final long PAGE = 0x1000;

  private final Bench bench = new Bench();
  private final IntervalRecorder low = new IntervalRecorder(bench, "low");
  private final IntervalRecorder high = new IntervalRecorder(bench, "high");
  private final MmuNotifierRange both = bench.range(PAGE, 3 * PAGE);
  private IntervalNotifier lowSub;
  private IntervalNotifier highSub;

  @BeforeEach
  void insert() {
    lowSub = bench.insert(low, PAGE, PAGE);
    highSub = bench.insert(high, 2 * PAGE, PAGE);
  }

  @AfterEach
  void nothingIsLeft() {
    bench.assertIdle();
    lowSub.remove();
    highSub.remove();
    bench.close();
  }

  private Errno startNonblock() {
    return bench.core.invalidateRangeStartNonblock(both.nonBlockable());
  }

  @Test
  void N232_aRefusalInANonBlockableRangeEndsTheIntervalsAndSparesTheList() {
    ListNotifier list = bench.register(bench.recorder("list").bracket());
    low.action(range -> false);

    assertEquals(Errno.EAGAIN, startNonblock());

    bench.assertLog("low");
    bench.assertIdle();
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(both));
    bench.assertLog();
    list.unregister();
  }

  @Test
  void N233_thoseWhoWereCalledBeforeTheRefusalRetryForNothing() {
    high.action(range -> false);
    long lowSeq = lowSub.readBegin();
    long highSeq = highSub.readBegin();

    assertEquals(Errno.EAGAIN, startNonblock());

    assertTrue(lowSub.readRetry(lowSeq));
    assertFalse(highSub.readRetry(highSeq));
    // Nobody is left to wait for.
    assertFalse(lowSub.readRetry(lowSub.readBegin()));
  }

  @Test
  void N232_readersThatWaitReturnWhenARefusalEndsThePeriod() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    high.action(
        range -> {
          entered.countDown();
          Background.await(goOn);
          return false;
        });
    Background invalidator =
        Background.run(bench, "invalidator", () -> assertEquals(Errno.EAGAIN, startNonblock()));
    Background.await(entered);
    Background reader = Background.run(bench, "reader", lowSub::readBegin);
    reader.awaitBlocked();
    goOn.countDown();
    reader.join();
    invalidator.join();
  }

  @Test
  void N232_aRefusalWithinALongerPeriodCountsOnlyItsOwnStartOut() {
    MmuNotifierRange running = bench.start(PAGE, 2 * PAGE);
    low.action(range -> range.blockable());
    assertEquals(Errno.EAGAIN, startNonblock());
    bench.assertFull();
    bench.end(running);
  }

  @Test
  void N234_N236_aRefusalInABlockableRangeIsWarnedOfAndIgnored() {
    ListNotifier list = bench.register(bench.recorder("list").bracket());
    low.action(range -> false);

    bench.core.invalidateRangeStart(both);
    bench.assertWarned("0x1000", "refused");
    bench.assertFull();
    bench.end(both);

    bench.assertLog("low", "high", "list.start", "list.end");
    list.unregister();
  }

  @Test
  void N235_i18_aCallbackOfANonBlockableRangeMayNotSleep() {
    List<Boolean> atomic = new ArrayList<>();
    low.action(range -> atomic.add(bench.kernel.context().isAtomic()));
    high.action(
        range -> {
          bench.kernel.mutex("driver").lock();
          return true;
        });
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, this::startNonblock);
    assertEquals(List.of(true), atomic);
    assertFalse(bench.kernel.context().isAtomic());
  }

  @Test
  void N138_x11_listFailureEndsTheIntervals() {
    ListNotifier list = bench.register(bench.recorder("list").answers(Errno.EAGAIN).startOnly());

    assertEquals(Errno.EAGAIN, startNonblock());

    bench.assertLog("low", "high", "list.start");
    bench.assertIdle();
    assertFalse(lowSub.readRetry(lowSub.readBegin()));
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(both));
    list.unregister();
  }

  @Test
  void N138_x11_listFailureWithinALongerPeriodKeepsThatPeriod() {
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onStart(range -> range.blockable() ? Errno.OK : Errno.EAGAIN)
                .startOnly());
    bench.core.invalidateRangeStart(both);
    assertEquals(Errno.EAGAIN, startNonblock());
    bench.assertFull();
    bench.end(both);
    list.unregister();
  }

  @Test
  void N138_x11_listFailureLetsWhatWasPutOffHappen() {
    IntervalNotifier[] added = new IntervalNotifier[1];
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onStart(
                    range -> {
                      Background insert =
                          Background.run(
                              bench, "insert", () -> added[0] = bench.insert(low, PAGE, PAGE));
                      insert.join();
                      assertFalse(added[0].node().isLinked());
                      return Errno.EAGAIN;
                    })
                .startOnly());
    assertEquals(Errno.EAGAIN, startNonblock());
    assertTrue(added[0].node().isLinked());
    added[0].remove();
    list.unregister();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void N239_aThrowTakesTheStartBackAfterAllIntervalsWereCalled(boolean blockable) {
    AssertionError failure = new AssertionError("broken");
    ListNotifier list = bench.register(bench.recorder("list").bracket());
    low.action(
        range -> {
          throw failure;
        });

    KernelBug bug =
        bench.assertBug(
            Rule.CALLBACK_THREW,
            () -> {
              if (blockable) {
                bench.core.invalidateRangeStart(both);
              } else {
                startNonblock();
              }
            });

    assertSame(failure, bug.getCause());
    assertTrue(bug.getMessage().contains("[0x1000, 0x1fff]"), bug::getMessage);
    assertTrue(bug.getMessage().contains("broken"), bug::getMessage);
    bench.assertLog("low", "high");
    bench.assertIdle();
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(both));
    assertFalse(bench.kernel.context().isAtomic());
    list.unregister();
  }

  @Test
  void N239_aListCallbackThatThrowsEndsTheIntervalsToo() {
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onStart(
                    range -> {
                      throw new IllegalStateException("broken");
                    })
                .bracket());
    bench.assertBug(Rule.CALLBACK_THREW, () -> bench.core.invalidateRangeStart(both));
    bench.assertIdle();
    bench.assertLog("low", "high", "list.start");
    list.unregister();
  }

  @Test
  void N239_anEndCallbackThatThrowsComesAfterTheIntervalsWereEnded() {
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onEnd(
                    range -> {
                      assertEquals(4, bench.intervals().sequence());
                      throw new IllegalStateException("broken");
                    })
                .bracket());
    bench.core.invalidateRangeStart(both);
    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, () -> bench.end(both));
    assertEquals("broken", bug.getCause().getMessage());
    bench.assertIdle();
    list.unregister();
  }

  @Test
  void M004_N237_exitTellsEveryIntervalThenTheListThenUnmaps() {
    List<MmuNotifierRange> seen = new ArrayList<>();
    low.action(seen::add);
    ListNotifier list = bench.register(bench.recorder("list").bracket());
    IntervalNotifier top = bench.insert(new IntervalRecorder(bench, "top"), -2 * PAGE, PAGE);
    long seq = lowSub.readBegin();

    bench.mm.mmput();

    bench.assertLog("low", "high", "top", "list.release", "exitMmap");
    MmuNotifierRange range = seen.get(0);
    assertEquals(MmuNotifierEvent.RELEASE, range.event());
    assertEquals(0, range.start());
    assertEquals(-1L, range.end());
    assertTrue(range.blockable());
    assertTrue(lowSub.readRetry(seq));
    bench.assertIdle();
    top.remove();
    list.unregister();
  }

  @Test
  void N234_aRefusalAtExitIsWarnedOfAndIgnored() {
    low.action(range -> false);
    bench.mm.mmput();
    bench.assertWarned("RELEASE");
    bench.assertLog("low", "high", "exitMmap");
  }

  @Test
  void N239_aThrowAtExitKeepsNothingFromHappening() {
    low.action(
        range -> {
          throw new IllegalStateException("broken");
        });
    ListNotifier list = bench.register(bench.recorder("list").startOnly());
    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, bench.mm::mmput);
    assertEquals("broken", bug.getCause().getMessage());
    bench.assertLog("low", "high", "list.release", "exitMmap");
    list.unregister();
  }

  @Test
  void N238_intervalsOfADeadMmAreStillTold() {
    bench.mm.mmput();
    bench.log().clear();
    bench.core.invalidateRangeStart(both);
    bench.end(both);
    bench.assertLog("low", "high");
  }
}

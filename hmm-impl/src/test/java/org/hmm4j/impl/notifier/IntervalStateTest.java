// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * The states of semantics 5.2, row by row: what start, end, insert and remove do in each. A test
 * begins idle with sequence 2 and with one interval "base" over page 1.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalStateTest {

  private static final long PAGE = 0x1000;
  private static final long HIT = PAGE;
  private static final long MISS = 0x100 * PAGE;
  private static final long NEW = 0x200 * PAGE;

  private final Bench bench = new Bench();
  private final IntervalRecorder baseRecorder = new IntervalRecorder(bench, "base");
  private final IntervalRecorder newRecorder = new IntervalRecorder(bench, "new");
  private IntervalNotifier base;

  @BeforeEach
  void insertBase() {
    base = bench.insert(baseRecorder, HIT, PAGE);
  }

  @AfterEach
  void nothingIsLeft() {
    bench.assertIdle();
    if (base.mm() != null) {
      base.remove();
    }
    bench.close();
  }

  private MmuNotifierRange start(long page) {
    return bench.start(page, page + PAGE);
  }

  private IntervalNotifier insertNew() {
    return bench.insert(newRecorder, NEW, PAGE);
  }

  private void assertSequence(long expected) {
    assertEquals(expected, bench.intervals().sequence());
  }

  // start and end

  @Test
  void N209_aStartThatHitsMakesTheStateFullAndTheEndMakesItIdle() {
    assertSequence(2);
    MmuNotifierRange hit = start(HIT);
    assertSequence(3);
    assertEquals(List.of(3L), baseRecorder.sequences());
    assertEquals(3, base.seq());
    bench.end(hit);
    assertSequence(4);
    assertEquals(3, base.seq());
  }

  @Test
  void N209_aStartThatMissesMakesTheStatePartial() {
    MmuNotifierRange miss = start(MISS);
    assertSequence(2);
    bench.end(miss);
    assertSequence(2);
    bench.assertLog();
  }

  @Test
  void N210_aFullPeriodLastsUntilTheLastEndAlsoIfThatHadMissed() {
    MmuNotifierRange hit = start(HIT);
    MmuNotifierRange miss = start(MISS);
    bench.end(hit);
    assertSequence(3);
    bench.end(miss);
    assertSequence(4);
  }

  @Test
  void N209_aHitMakesAPartialPeriodFull() {
    MmuNotifierRange miss = start(MISS);
    MmuNotifierRange hit = start(HIT);
    assertSequence(3);
    bench.end(miss);
    assertSequence(3);
    bench.end(hit);
    assertSequence(4);
  }

  @Test
  void N210_i39_allHitsOfAPeriodHaveOneSequenceAndTheNextPeriodALargerOne() {
    MmuNotifierRange first = start(HIT);
    MmuNotifierRange second = start(HIT);
    bench.end(first);
    MmuNotifierRange third = start(HIT);
    bench.end(second);
    bench.end(third);
    bench.end(start(HIT));
    assertEquals(List.of(3L, 3L, 3L, 5L), baseRecorder.sequences());
    assertSequence(6);
  }

  @Test
  void N215_anEndWithoutAStartChangesNothing() {
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(HIT, HIT + PAGE)));
    assertSequence(2);
    bench.end(start(HIT));
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(HIT, HIT + PAGE)));
    assertSequence(4);
  }

  @Test
  void N211_i43b_eachOverlappingIntervalIsCalledOnceInOrderOfItsStart() {
    List<IntervalNotifier> others =
        List.of(
            bench.insert(new IntervalRecorder(bench, "late"), 6 * PAGE, PAGE),
            bench.insert(new IntervalRecorder(bench, "wide"), 0, 100 * PAGE),
            bench.insert(new IntervalRecorder(bench, "early"), 4 * PAGE, PAGE),
            bench.insert(new IntervalRecorder(bench, "equal"), 4 * PAGE, 2 * PAGE));
    bench.end(bench.start(PAGE, 7 * PAGE));
    bench.assertLog("wide", "base", "early", "equal", "late");
    bench.end(bench.start(5 * PAGE, 6 * PAGE));
    bench.assertLog("wide", "equal");
    others.forEach(IntervalNotifier::remove);
  }

  @Test
  void N211_theEndOfARangeIsExclusiveAndThatOfAnIntervalInclusive() {
    bench.end(bench.start(0, PAGE));
    bench.end(bench.start(2 * PAGE, 3 * PAGE));
    bench.assertLog();
    bench.end(bench.start(0, PAGE + 1));
    bench.assertLog("base");
    bench.end(bench.start(2 * PAGE - 1, 2 * PAGE));
    bench.assertLog("base");
  }

  // insert

  @Test
  void N213_insertWhileIdle() {
    IntervalNotifier added = insertNew();
    assertTrue(added.node().isLinked());
    assertEquals(1, added.seq());
    assertSequence(2);
    bench.end(start(HIT));
    IntervalNotifier later = bench.insert(newRecorder, NEW, PAGE);
    assertEquals(3, later.seq());
    added.remove();
    later.remove();
  }

  @Test
  void N213_insertWhilePartialMakesTheStateFull() {
    MmuNotifierRange miss = start(MISS);
    IntervalNotifier added = insertNew();
    assertTrue(added.node().isLinked());
    assertSequence(3);
    assertEquals(3, added.seq());
    bench.assertLog();
    bench.end(miss);
    assertSequence(4);
    added.remove();
  }

  @Test
  void N212_i40_insertWhileFullIsPutOffAndThenDoneOnce() {
    MmuNotifierRange hit = start(HIT);
    IntervalNotifier added = insertNew();
    assertFalse(added.node().isLinked());
    assertEquals(3, added.seq());
    assertEquals(3, bench.mm.mmCount());
    MmuNotifierRange notYet = start(NEW);
    bench.assertLog("base");
    bench.end(hit);
    assertFalse(added.node().isLinked());

    bench.end(notYet);

    assertTrue(added.node().isLinked());
    assertSequence(4);
    bench.end(start(NEW));
    bench.end(start(NEW));
    bench.assertLog("new", "new");
    assertEquals(List.of(5L, 7L), newRecorder.sequences());
    added.remove();
  }

  @Test
  void N212_theLastPutOffIsTheFirstDone() {
    MmuNotifierRange hit = start(HIT);
    IntervalNotifier first = bench.insert(new IntervalRecorder(bench, "first"), NEW, PAGE);
    IntervalNotifier second = bench.insert(new IntervalRecorder(bench, "second"), NEW, PAGE);
    bench.end(hit);
    bench.log().clear();
    bench.end(start(NEW));
    bench.assertLog("second", "first");
    first.remove();
    second.remove();
  }

  // remove

  @Test
  void N217_removeWhileIdleIsDoneAtOnce() {
    base.remove();
    assertFalse(base.node().isLinked());
    assertEquals(1, bench.mm.mmCount());
    bench.end(start(HIT));
    bench.assertLog();
    assertSequence(2);
  }

  @Test
  void N217_removeWhilePartialIsDoneAtOnce() {
    MmuNotifierRange miss = start(MISS);
    base.remove();
    assertFalse(base.node().isLinked());
    MmuNotifierRange gone = start(HIT);
    assertSequence(2);
    bench.assertLog();
    bench.end(miss);
    bench.end(gone);
  }

  @Test
  void N217_removeOfAPendingInsertDoesNotWait() {
    MmuNotifierRange hit = start(HIT);
    IntervalNotifier added = insertNew();
    added.remove();
    assertEquals(2, bench.mm.mmCount());
    bench.end(hit);
    assertFalse(added.node().isLinked());
    bench.end(start(NEW));
    bench.assertLog("base");
  }

  @Test
  void N212_i40_aPendingInsertThatIsRemovedAndInsertedAgainIsDoneOnce() {
    MmuNotifierRange hit = start(HIT);
    IntervalNotifier added = insertNew();
    added.remove();
    assertEquals(Errno.OK, added.insert(bench.mm, 2 * NEW, PAGE));
    bench.end(hit);
    bench.log().clear();
    bench.end(bench.start(NEW, 3 * NEW));
    bench.assertLog("new");
    added.remove();
    bench.end(bench.start(NEW, 3 * NEW));
    bench.assertLog();
  }

  @Test
  void N216_i38_removeWhileFullWaitsForTheEndOfThePeriod() {
    MmuNotifierRange hit = start(HIT);
    Background remove = Background.run(bench, "remove", base::remove);
    remove.awaitBlocked();
    assertTrue(base.node().isLinked());
    assertEquals(2, bench.mm.mmCount());

    // As long as the tree is frozen the interval is still called.
    MmuNotifierRange again = start(HIT);
    bench.assertLog("base", "base");
    bench.end(hit);
    assertTrue(base.node().isLinked());
    assertFalse(remove.isDone());

    bench.end(again);
    remove.join();
    assertFalse(base.node().isLinked());
    assertEquals(1, bench.mm.mmCount());
    bench.end(start(HIT));
    bench.assertLog();
  }

  @Test
  void N216_i38_removeWaitsForACallbackThatRuns() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    baseRecorder.action(
        range -> {
          entered.countDown();
          Background.await(goOn);
          bench.log().add("returns");
          return true;
        });
    Background invalidator = Background.run(bench, "invalidator", () -> bench.end(start(HIT)));
    Background.await(entered);
    Background remove =
        Background.run(
            bench,
            "remove",
            () -> {
              base.remove();
              bench.log().add("removed");
            });
    remove.awaitBlocked();
    goOn.countDown();
    remove.join();
    invalidator.join();
    bench.assertLog("base", "returns", "removed");
  }

  @Test
  void N220_aSecondRemoveWhileTheFirstWaitsIsReported() {
    MmuNotifierRange hit = start(HIT);
    Background remove = Background.run(bench, "remove", base::remove);
    remove.awaitBlocked();
    bench.assertBug(Rule.DOUBLE_FREE, base::remove);
    bench.assertBug(Rule.ALREADY_REGISTERED, () -> base.insert(bench.mm, NEW, PAGE));
    bench.end(hit);
    remove.join();
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N212_i40_manyPutOffChangesAreEachDoneOnce() {
    IntervalNotifier goes = bench.insert(new IntervalRecorder(bench, "goes"), NEW, PAGE);
    MmuNotifierRange hit = start(HIT);
    IntervalNotifier comes = insertNew();
    IntervalNotifier never = bench.insert(new IntervalRecorder(bench, "never"), NEW, PAGE);
    Background remove = Background.run(bench, "remove", goes::remove);
    remove.awaitBlocked();
    never.remove();
    bench.end(hit);
    remove.join();
    bench.log().clear();
    bench.end(start(NEW));
    bench.assertLog("new");
    // Nothing is left on the list for the next period.
    bench.end(start(NEW));
    bench.assertLog("new");
    comes.remove();
  }
}

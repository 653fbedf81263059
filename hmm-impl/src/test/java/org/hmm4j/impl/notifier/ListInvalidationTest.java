// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The rules of 6.1 for list notifiers: who hears of a start, and who of the end. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ListInvalidationTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    ListNotifier head =
        Subscriptions.of(bench.mm) == null ? null : Subscriptions.of(bench.mm).head();
    for (ListNotifier here = head; here != null; here = here.next()) {
      here.unregister();
    }
    bench.close();
  }

  @Test
  void N127_everybodyHearsOfStartAndEndOnce() {
    List<MmuNotifierRange> seen = new ArrayList<>();
    bench.register(
        bench
            .recorder("a")
            .onStart(
                range -> {
                  seen.add(range);
                  return Errno.OK;
                })
            .onEnd(seen::add)
            .bracket());
    bench.register(bench.recorder("b").bracket());
    bench.register(bench.recorder("c").startOnly());

    MmuNotifierRange range = bench.start(0x1000, 0x2000);
    bench.assertLog("c.start", "b.start", "a.start");
    bench.end(range);
    bench.assertLog("b.end", "a.end");
    assertEquals(2, seen.size());
    seen.forEach(each -> assertSame(range, each));
  }

  @Test
  void N128_bracketsNestAndCross() {
    bench.register(bench.recorder("n").bracket());
    MmuNotifierRange first = bench.start(0x1000, 0x3000);
    MmuNotifierRange second = bench.start(0x2000, 0x4000);
    bench.end(first);
    bench.end(second);
    bench.assertLog("n.start", "n.start", "n.end", "n.end");
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(first));
    bench.assertLog();
  }

  @Test
  void N129_anEndWithoutStartTellsNobody() {
    bench.register(bench.recorder("n").bracket());
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(0x1000, 0x2000)));
    bench.assertLog();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start", "n.end");
  }

  @Test
  void withoutSubscribersThereIsNothingToDo() {
    MmuNotifierRange range = bench.range(0, 0x1000).nonBlockable();
    assertEquals(Errno.OK, bench.core.invalidateRangeStartNonblock(range));
    bench.end(range);
    bench.end(bench.start(0, -1));
  }

  @Test
  void N130_eachStartWantsItsKindOfRange() {
    MmuNotifierRange may = bench.range(0x1000, 0x2000);
    MmuNotifierRange mayNot = may.nonBlockable();
    assertThrows(IllegalArgumentException.class, () -> bench.core.invalidateRangeStart(mayNot));
    assertThrows(
        IllegalArgumentException.class, () -> bench.core.invalidateRangeStartNonblock(may));
  }

  @Test
  void N131_i18_aBlockableStartOrEndInAtomicContextTellsNobody() {
    bench.register(bench.recorder("n").bracket());
    MmuNotifierRange range = bench.start(0x1000, 0x2000);
    bench.assertLog("n.start");
    SpinLock lock = bench.kernel.spinLock("driver");
    lock.lock();
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, () -> bench.start(0x1000, 0x2000));
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, () -> bench.end(range));
    lock.unlock();
    bench.assertLog();
    bench.end(range);
    bench.assertLog("n.end");
  }

  @Test
  void N132_i23b_aNonBlockableBracketWorksInAtomicContext() {
    bench.register(bench.recorder("n").bracket());
    MmuNotifierRange range = bench.range(0x1000, 0x2000).nonBlockable();
    SpinLock lock = bench.kernel.spinLock("page table");
    lock.lock();
    assertEquals(Errno.OK, bench.core.invalidateRangeStartNonblock(range));
    bench.end(range);
    lock.unlock();
    bench.assertLog("n.start", "n.end");
  }

  @Test
  void N132_callbacksAreAtomicExactlyIfTheRangeIsNotBlockable() {
    List<Boolean> atomic = new ArrayList<>();
    bench.register(
        bench
            .recorder("n")
            .onStart(
                range -> {
                  atomic.add(bench.kernel.context().isAtomic());
                  return Errno.OK;
                })
            .onEnd(range -> atomic.add(bench.kernel.context().isAtomic()))
            .bracket());
    bench.end(bench.start(0x1000, 0x2000));
    MmuNotifierRange range = bench.range(0x1000, 0x2000).nonBlockable();
    assertEquals(Errno.OK, bench.core.invalidateRangeStartNonblock(range));
    bench.end(range);
    assertEquals(List.of(false, false, true, true), atomic);
    assertFalse(bench.kernel.context().isAtomic());
  }

  @Test
  void N132_i18_aCallbackThatMaySleepInANonBlockableRangeIsReported() {
    Mutex mutex = bench.kernel.mutex("driver");
    bench.register(
        bench
            .recorder("sleepy")
            .onStart(
                range -> {
                  mutex.lock();
                  mutex.unlock();
                  return Errno.OK;
                })
            .bracket());
    bench.register(bench.recorder("other").bracket());
    MmuNotifierRange range = bench.range(0x1000, 0x2000).nonBlockable();

    bench.assertBug(Rule.SLEEP_IN_ATOMIC, () -> bench.core.invalidateRangeStartNonblock(range));

    bench.assertLog("other.start", "sleepy.start", "other.end");
    assertFalse(bench.kernel.context().isAtomic());
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(range));
  }

  @Test
  void N134_x10_i22_aFailedStartEndsThoseThatWantTheEndItself() {
    bench.register(bench.recorder("oldest").bracket());
    bench.register(bench.recorder("fails").answers(Errno.EAGAIN).startOnly());
    bench.register(bench.recorder("newest").bracket());
    MmuNotifierRange range = bench.range(0x1000, 0x2000).nonBlockable();

    assertEquals(Errno.EAGAIN, bench.core.invalidateRangeStartNonblock(range));

    bench.assertLog("newest.start", "fails.start", "oldest.start", "newest.end", "oldest.end");
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(range));
    bench.assertLog();
  }

  @Test
  void N133_theLastErrorIsTheAnswer() {
    bench.register(bench.recorder("oldest").answers(Errno.EBUSY).startOnly());
    bench.register(bench.recorder("middle").answers(Errno.EAGAIN).startOnly());
    assertEquals(Errno.EBUSY, startNonblock());
    bench.assertWarned("EBUSY");

    bench.register(bench.recorder("newest").answers(Errno.EFAULT).startOnly());
    assertEquals(Errno.EBUSY, startNonblock());
    bench.assertWarned("EFAULT");
    bench.assertWarned("EBUSY");
  }

  @Test
  void N133_anErrorThatIsNotLastIsNotForgotten() {
    bench.register(bench.recorder("oldest").startOnly());
    bench.register(bench.recorder("newest").answers(Errno.EAGAIN).startOnly());
    assertEquals(Errno.EAGAIN, startNonblock());
  }

  @Test
  void N135_x10_aStartThatFailsAlthoughItWantsTheEndIsWarnedAndGetsTheEnd() {
    bench.register(bench.recorder("fails").answers(Errno.EAGAIN).bracket());
    assertEquals(Errno.EAGAIN, startNonblock());
    bench.assertLog("fails.start", "fails.end");
    bench.assertWarned("failed a start");
  }

  @Test
  void x10_aSelfUnwindingNotifierThatFailsGetsNeitherEndNorWarning() {
    bench.register(bench.recorder("other").bracket());
    bench.register(bench.recorder("fails").answers(Errno.EAGAIN).selfUnwinding());
    bench.register(bench.recorder("succeeds").selfUnwinding());
    assertEquals(Errno.EAGAIN, startNonblock());
    bench.assertLog("succeeds.start", "fails.start", "other.start", "succeeds.end", "other.end");
    bench.assertNoWarning();
  }

  @Test
  void N137_aFailureInABlockableRangeIsWarnedOfAndIgnored() {
    bench.register(bench.recorder("other").bracket());
    bench.register(bench.recorder("fails").answers(Errno.EAGAIN).startOnly());
    MmuNotifierRange range = bench.start(0x1000, 0x2000);
    bench.assertLog("fails.start", "other.start");
    bench.assertWarned("EAGAIN");
    bench.end(range);
    bench.assertLog("other.end");
  }

  @Test
  void N139_aStartFromWithinACallbackIsReported() {
    bench.register(
        bench
            .recorder("n")
            .onStart(
                range -> {
                  bench.start(0x1000, 0x2000);
                  return Errno.OK;
                })
            .startOnly());
    bench.assertBug(Rule.RECURSIVE_LOCK, () -> bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(0x1000, 0x2000)));
  }

  private Errno startNonblock() {
    return bench.core.invalidateRangeStartNonblock(bench.range(0x1000, 0x2000).nonBlockable());
  }
}

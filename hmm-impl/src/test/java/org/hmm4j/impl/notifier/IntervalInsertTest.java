// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What insert and remove accept and refuse (semantics 5.4 and 5.5), with no invalidation about. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalInsertTest {

  private static final long ULONG_MAX = -1L;

  private final Bench bench = new Bench();
  private final IntervalRecorder recorder = new IntervalRecorder(bench, "n");

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  @Test
  void N204_anInsertedIntervalHoldsACountOfTheMm() {
    IntervalNotifier notifier = bench.insert(recorder, 0x1000, 0x2000);
    assertEquals(2, bench.mm.mmCount());
    assertEquals(1, bench.mm.mmUsers());
    assertSame(bench.mm, notifier.mm());
    assertEquals(0x1000, notifier.start());
    assertEquals(0x2fff, notifier.last());
    assertFalse(bench.mm.mmapLock().isHeld());

    notifier.remove();
    assertEquals(1, bench.mm.mmCount());
    assertNull(notifier.mm());
  }

  @ParameterizedTest
  @CsvSource({"0,0", "4096,0", "-4096,4097", "-1,2", "1,0", "2,-1", "8192,-4096"})
  void N202_anEmptyOrTooLongIntervalOverflows(long start, long length) {
    IntervalNotifier notifier = bench.interval(recorder);
    assertEquals(Errno.EOVERFLOW, notifier.insert(bench.mm, start, length));
    assertEquals(1, bench.mm.mmCount());
    bench.assertBug(Rule.NOT_REGISTERED, notifier::remove);
    assertEquals(Errno.OK, notifier.insert(bench.mm, 0x1000, 0x1000));
    notifier.remove();
  }

  @ParameterizedTest
  @CsvSource({"0,1", "-4096,4096", "-1,1", "1,-1", "4096,-4096", "0,-1"})
  void N202_anIntervalMayReachTheLastAddress(long start, long length) {
    IntervalNotifier notifier = bench.insert(recorder, start, length);
    assertEquals(start + length - 1, notifier.last());
    notifier.remove();
  }

  @Test
  void N202_theWholeAddressSpaceIsAnInterval() {
    IntervalNotifier whole = bench.insert(recorder, 0, ULONG_MAX);
    IntervalNotifier top = bench.insert(new IntervalRecorder(bench, "top"), -0x1000, 0x1000);
    assertEquals(ULONG_MAX - 1, whole.last());
    assertEquals(ULONG_MAX, top.last());

    bench.end(bench.start(0, 1));
    bench.assertLog("n");
    bench.end(bench.start(-0x1000, ULONG_MAX));
    bench.assertLog("n", "top");
    bench.end(bench.start(0x7fff_ffff_ffff_f000L, 0x8000_0000_0000_1000L));
    bench.assertLog("n");
    whole.remove();
    top.remove();
  }

  @Test
  void N201_x09_i37_insertIntoADeadMmIsWarnedOfAndRefused() {
    IntervalNotifier first = bench.insert(recorder, 0, 0x1000);
    bench.mm.mmput();
    IntervalNotifier late = bench.interval(recorder);

    assertEquals(Errno.EINVAL, late.insert(bench.mm, 0, 0x1000));
    bench.assertWarned("no user");
    assertEquals(1, bench.mm.mmCount());
    bench.assertBug(Rule.NOT_REGISTERED, late::remove);
    assertEquals(Errno.EOVERFLOW, late.insert(bench.mm, 0, 0));
    bench.assertNoWarning();
    first.remove();
  }

  @Test
  void N201_x09_i37_theFirstIntervalOfADeadMmIsABug() {
    bench.mm.mmgrab();
    bench.mm.mmput();
    IntervalNotifier late = bench.interval(recorder);

    bench.assertBug(Rule.MM_GONE, () -> late.insert(bench.mm, 0, 0x1000));

    assertEquals(1, bench.mm.mmCount());
    assertFalse(bench.mm.mmapLock().isHeld());
    assertNull(Subscriptions.of(bench.mm));
    bench.mm.mmdrop();
  }

  @Test
  void N205_aFailedAllocationLeavesNothingBehind() {
    bench.fail("mmu_notifier_subscriptions");
    IntervalNotifier notifier = bench.interval(recorder);
    assertEquals(Errno.ENOMEM, notifier.insert(bench.mm, 0, 0x1000));
    assertUntouched();

    bench.failNothing();
    assertEquals(Errno.OK, notifier.insert(bench.mm, 0, 0x1000));
    notifier.remove();
  }

  @Test
  void N205_aSignalLeavesNothingBehind() {
    bench.space.onTakeAllLocks(() -> Errno.EINTR);
    IntervalNotifier notifier = bench.interval(recorder);
    assertEquals(Errno.EINTR, notifier.insert(bench.mm, 0, 0x1000));
    assertUntouched();

    bench.space.onTakeAllLocks(() -> Errno.OK);
    assertEquals(Errno.OK, notifier.insert(bench.mm, 0, 0x1000));
    notifier.remove();
  }

  @Test
  void N206_onlyTheFirstIntervalTakesAllLocks() {
    bench.space.onTakeAllLocks(
        () -> {
          bench.mm.mmapLock().assertHeldWrite();
          bench.log().add("locked");
          return Errno.OK;
        });
    IntervalNotifier first = bench.insert(recorder, 0, 0x1000);
    IntervalNotifier second = bench.insert(recorder, 0, 0x1000);
    bench.assertLog("locked");
    first.remove();
    second.remove();
  }

  @Test
  void N203_i17_insertLockedNeedsTheMmapLockForWrite() {
    MmuIntervalNotifier notifier = bench.interval(recorder);
    bench.assertBug(Rule.LOCK_NOT_HELD, () -> notifier.insertLocked(bench.mm, 0, 0x1000));
    bench.mm.mmapLock().readLock();
    bench.assertBug(Rule.LOCK_NOT_HELD, () -> notifier.insertLocked(bench.mm, 0, 0x1000));
    bench.mm.mmapLock().readUnlock();
    assertUntouched();

    bench.mm.mmapLock().writeLock();
    assertEquals(Errno.OK, notifier.insertLocked(bench.mm, 0, 0x1000));
    bench.mm.mmapLock().writeUnlock();
    notifier.remove();
  }

  @Test
  void N203_i17_insertUnderTheMmapLockIsReportedAlsoWhenItWouldNotTakeIt() {
    IntervalNotifier first = bench.interval(recorder);
    bench.mm.mmapLock().readLock();
    bench.assertBug(Rule.RECURSIVE_LOCK, () -> first.insert(bench.mm, 0, 0x1000));
    bench.mm.mmapLock().readUnlock();
    assertEquals(Errno.OK, first.insert(bench.mm, 0, 0x1000));

    IntervalNotifier second = bench.interval(recorder);
    bench.mm.mmapLock().readLock();
    bench.assertBug(Rule.RECURSIVE_LOCK, () -> second.insert(bench.mm, 0, 0x1000));
    bench.mm.mmapLock().readUnlock();
    bench.assertBug(Rule.NOT_REGISTERED, second::remove);
    first.remove();
  }

  @Test
  void N207_aSecondInsertChangesNothing() {
    IntervalNotifier notifier = bench.insert(recorder, 0x1000, 0x1000);
    bench.assertBug(Rule.ALREADY_REGISTERED, () -> notifier.insert(bench.mm, 0x8000, 0x1000));
    assertEquals(0x1000, notifier.start());
    assertEquals(2, bench.mm.mmCount());
    bench.end(bench.start(0x1000, 0x2000));
    bench.end(bench.start(0x8000, 0x9000));
    bench.assertLog("n");
    notifier.remove();
  }

  @Test
  void N207_whatIsNotInsertedCannotBeRemovedOrRead() {
    IntervalNotifier notifier = bench.interval(recorder);
    bench.assertBug(Rule.NOT_REGISTERED, notifier::remove);
    bench.assertBug(Rule.NOT_REGISTERED, notifier::readBegin);
    assertEquals(Errno.OK, notifier.insert(bench.mm, 0, 0x1000));
    notifier.remove();
    bench.assertBug(Rule.DOUBLE_FREE, notifier::remove);
    bench.assertBug(Rule.USE_AFTER_FREE, notifier::readBegin);
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N221_aRemovedIntervalCanBeInsertedElsewhere() {
    IntervalNotifier notifier = bench.insert(recorder, 0x1000, 0x1000);
    notifier.remove();
    assertEquals(Errno.OK, notifier.insert(bench.mm, 0x8000, 0x1000));
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog();
    bench.end(bench.start(0x8000, 0x9000));
    bench.assertLog("n");
    notifier.remove();
  }

  @Test
  void N208_i18_insertRemoveAndReadBeginMaySleep() {
    IntervalNotifier in = bench.insert(recorder, 0x1000, 0x1000);
    IntervalNotifier out = bench.interval(recorder);
    SpinLock lock = bench.kernel.spinLock("driver");
    lock.lock();
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, () -> out.insert(bench.mm, 0, 0x1000));
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, in::readBegin);
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, in::remove);
    lock.unlock();
    bench.assertBug(Rule.NOT_REGISTERED, out::remove);
    in.remove();
  }

  @Test
  void N219_removeAndReadBeginFromWithinACallbackChangeNothing() {
    IntervalNotifier[] self = new IntervalNotifier[1];
    recorder.action(
        range -> {
          bench.assertBug(Rule.RECURSIVE_LOCK, self[0]::remove);
          bench.assertBug(Rule.RECURSIVE_LOCK, self[0]::readBegin);
          return true;
        });
    self[0] = bench.insert(recorder, 0x1000, 0x1000);
    for (int i = 0; i < 2; i++) {
      bench.end(bench.start(0x1000, 0x2000));
      bench.assertLog("n");
    }
    self[0].remove();
  }

  @Test
  void N219_removeFromWithinAListCallbackIsReportedToo() {
    IntervalNotifier interval = bench.insert(recorder, 0x1000, 0x1000);
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onStart(
                    range -> {
                      bench.assertBug(Rule.RECURSIVE_LOCK, interval::remove);
                      return Errno.OK;
                    })
                .startOnly());
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n", "list.start");
    interval.remove();
    list.unregister();
  }

  @Test
  void argumentsAreChecked() {
    Bench other = new Bench();
    IntervalNotifier notifier = bench.interval(recorder);
    assertThrows(IllegalArgumentException.class, () -> notifier.insert(other.mm, 0, 1));
    assertThrows(NullPointerException.class, () -> notifier.insert(null, 0, 1));
    assertThrows(NullPointerException.class, () -> bench.core.intervalNotifier(null));
    other.close();
  }

  private void assertUntouched() {
    assertEquals(1, bench.mm.mmCount());
    assertEquals(List.of("mm_struct"), bench.liveTypes());
    assertNull(Subscriptions.of(bench.mm));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.impl.mm.TestAddressSpace;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Notifiers that the core makes and frees by the count of their users. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class NotifierGetPutTest {

  private final Bench bench = new Bench();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  private MmuNotifier get(MmuNotifierOps ops) {
    ErrPtr<MmuNotifier> got = bench.core.get(ops, bench.mm);
    assertEquals(Errno.OK, got.errno());
    return got.value();
  }

  @Test
  void N113_N118_i54_theLastPutFreesOnceAndWithoutRelease() {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    MmuNotifier notifier = get(ops);
    assertSame(notifier, get(ops));
    bench.assertLog("n.alloc");
    assertEquals(2, bench.mm.mmCount());

    notifier.put();
    bench.core.synchronize();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");

    notifier.put();
    bench.core.synchronize();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.free");
    assertEquals(1, bench.mm.mmCount());
  }

  private record EqualOps(String name) implements MmuNotifierOps {}

  @Test
  void N110_opsAreComparedByIdentity() {
    MmuNotifier first = get(new EqualOps("n"));
    MmuNotifier second = get(new EqualOps("n"));
    assertNotSame(first, second);
    first.put();
    second.put();
  }

  @Test
  void N110_aRegisteredNotifierWithTheSameOpsIsNotShared() {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    ListNotifier plain = bench.register(ops);
    MmuNotifier counted = get(ops);
    assertNotSame(plain, counted);
    bench.log().clear();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start", "n.start");
    counted.put();
    plain.unregister();
  }

  @Test
  void N110_eachMmHasItsOwnNotifier() {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    var space = new TestAddressSpace();
    var other = MmStruct.alloc(bench.kernel, space);
    MmuNotifier here = get(ops);
    MmuNotifier there = bench.core.get(ops, other).value();
    assertNotSame(here, there);
    assertSame(other, there.mm());
    here.put();
    there.put();
    other.mmput();
    assertEquals(List.of("exitMmap", "free"), space.log());
  }

  @Test
  void theContainerIsWhatAllocMade() {
    Object container = new Object();
    MmuNotifier made = get(bench.recorder("n").onAlloc(ops -> ErrPtr.of(container)).startOnly());
    assertSame(container, made.container());
    MmuNotifierOps plain = new EqualOps("n");
    MmuNotifier own = get(plain);
    assertSame(plain, own.container());
    made.put();
    own.put();
  }

  @Test
  void allocRunsUnderTheMmapLock() {
    MmuNotifier notifier =
        get(
            bench
                .recorder("n")
                .onAlloc(
                    ops -> {
                      bench.mm.mmapLock().assertHeldWrite();
                      bench.kernel.context().mightSleep();
                      return ErrPtr.of(ops);
                    })
                .startOnly());
    assertFalse(bench.mm.mmapLock().isHeld());
    notifier.put();
  }

  @Test
  void N111_tooManyUsersOverflow() throws ReflectiveOperationException {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    MmuNotifier notifier = get(ops);
    Field users = ListNotifier.class.getDeclaredField("users");
    users.setAccessible(true);
    users.setLong(notifier, Subscriptions.USERS_MAX - 1);
    assertSame(notifier, get(ops));
    assertEquals(ErrPtr.err(Errno.EOVERFLOW), bench.core.get(ops, bench.mm));
    assertEquals(Subscriptions.USERS_MAX, users.getLong(notifier));
    users.setLong(notifier, 1);
    notifier.put();
  }

  @Test
  void N102_i17_getHasThePreconditionsOfRegister() {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    bench.assertBug(Rule.LOCK_NOT_HELD, () -> bench.core.getLocked(ops, bench.mm));
    bench.mm.mmapLock().writeLock();
    bench.assertBug(Rule.RECURSIVE_LOCK, () -> bench.core.get(ops, bench.mm));
    MmuNotifier notifier = bench.core.getLocked(ops, bench.mm).value();
    bench.mm.mmapLock().writeUnlock();
    bench.mm.mmput();
    bench.assertBug(Rule.MM_GONE, () -> bench.core.get(ops, bench.mm));
    assertFalse(bench.mm.mmapLock().isHeld());
    notifier.put();
  }

  @Test
  void N113_i54_putWaitsForTheGracePeriodWithFreeButNotItself() {
    List<Boolean> atomic = new ArrayList<>();
    MmuNotifier notifier =
        get(
            stopping("n")
                .onFree(self -> atomic.add(bench.kernel.context().isAtomic()))
                .startOnly());
    Background invalidator = startInBackground();
    bench.log().clear();

    notifier.put();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog();
    assertEquals(2, bench.mm.mmCount());
    Background synchronize = Background.run(bench, "synchronize", bench.core::synchronize);
    synchronize.awaitBlocked();

    goOn.countDown();
    synchronize.join();
    bench.assertLog("n.returns", "n.free");
    assertEquals(List.of(true), atomic);
    assertEquals(1, bench.mm.mmCount());
    invalidator.join();
  }

  @Test
  void N115_aGetInTheGracePeriodMakesANewNotifier() {
    ListRecorder recorder = stopping("n");
    MmuNotifierOps ops = recorder.startOnly();
    List<MmuNotifier> freed = new ArrayList<>();
    recorder.onFree(freed::add);
    MmuNotifier old = get(ops);
    Background invalidator = startInBackground();
    old.put();

    MmuNotifier fresh = get(ops);
    assertNotSame(old, fresh);
    assertEquals(3, bench.mm.mmCount());
    assertEquals(List.of(), freed);
    goOn.countDown();
    invalidator.join();
    bench.core.synchronize();

    assertEquals(List.of(old), freed);
    bench.log().clear();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");
    fresh.put();
    bench.core.synchronize();
    assertEquals(List.of(old, fresh), freed);
  }

  @Test
  void N116_oneMorePutInTheGracePeriodIsWarnedOf() {
    MmuNotifier notifier = get(stopping("n").startOnly());
    Background invalidator = startInBackground();
    notifier.put();

    notifier.put();

    bench.assertWarned("mmu_notifier", "no user");
    goOn.countDown();
    invalidator.join();
    bench.core.synchronize();
    bench.assertLog("n.alloc", "n.start", "n.returns", "n.free");
  }

  @Test
  void N116_oneMorePutAfterTheGracePeriodIsUseAfterFree() {
    MmuNotifier notifier = get(bench.recorder("n").startOnly());
    notifier.put();
    bench.core.synchronize();
    bench.assertBug(Rule.USE_AFTER_FREE, notifier::put);
    bench.assertLog("n.alloc", "n.free");
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N113_putFromWithinReleaseAtExit() {
    bench.register(bench.recorder("other").startOnly()).unregister();
    bench.log().clear();
    get(bench.recorder("n").onRelease(MmuNotifier::put).startOnly());
    bench.mm.mmput();
    bench.core.synchronize();
    assertEquals(List.of("n.alloc", "n.release", "n.free"), logOf("n"));
    assertTrue(bench.log().indexOf("n.free") < bench.log().indexOf("free"));
  }

  @Test
  void N113_putFromWithinAStartCallback() {
    MmuNotifier[] self = new MmuNotifier[1];
    self[0] =
        get(
            bench
                .recorder("n")
                .onStart(
                    range -> {
                      self[0].put();
                      return Errno.OK;
                    })
                .startOnly());
    bench.end(bench.start(0x1000, 0x2000));
    bench.core.synchronize();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.alloc", "n.start", "n.free");
  }

  @Test
  void putBeforeGetHasReturned() {
    bench.space.onDropAllLocks(() -> Subscriptions.of(bench.mm).head().put());
    MmuNotifier notifier = get(bench.recorder("n").startOnly());
    bench.core.synchronize();
    bench.assertLog("n.alloc", "n.free");
    bench.assertBug(Rule.USE_AFTER_FREE, notifier::put);
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N113_putInAtomicContext() {
    MmuNotifier notifier = get(bench.recorder("n").startOnly());
    SpinLock lock = bench.kernel.spinLock("driver");
    lock.lock();
    notifier.put();
    lock.unlock();
    bench.core.synchronize();
    bench.assertLog("n.alloc", "n.free");
  }

  @Test
  void N117_aCountedNotifierIsNotUnregistered() {
    MmuNotifier notifier = get(bench.recorder("n").startOnly());
    bench.assertBug(Rule.NOT_REGISTERED, notifier::unregister);
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.alloc", "n.start");
    notifier.put();
  }

  @Test
  void N114_aFreeThatMaySleepIsReportedAndTheRestIsFreed() {
    MmuNotifier notifier =
        get(bench.recorder("n").onFree(n -> bench.kernel.context().mightSleep()).startOnly());
    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, notifier::put);
    assertEquals(Rule.SLEEP_IN_ATOMIC, ((KernelBug) bug.getCause()).rule());
    assertEquals(1, bench.mm.mmCount());
    assertEquals(List.of("mm_struct", "mmu_notifier_subscriptions"), bench.liveTypes());
  }

  private List<String> logOf(String name) {
    return bench.log().stream().filter(line -> line.startsWith(name + ".")).toList();
  }

  private ListRecorder stopping(String name) {
    return bench
        .recorder(name)
        .onStart(
            range -> {
              if (range.start() == 0x9000) {
                entered.countDown();
                Background.await(goOn);
                bench.log().add(name + ".returns");
              }
              return Errno.OK;
            });
  }

  /** An invalidation that is inside a callback when this returns. */
  private Background startInBackground() {
    Background task =
        Background.run(bench, "invalidator", () -> bench.end(bench.start(0x9000, 0xa000)));
    Background.await(entered);
    return task;
  }
}

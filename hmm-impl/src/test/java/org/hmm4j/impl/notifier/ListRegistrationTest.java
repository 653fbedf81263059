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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ListRegistrationTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  @Test
  void N105_aRegisteredNotifierHoldsACountOfTheMm() {
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    assertEquals(2, bench.mm.mmCount());
    assertEquals(1, bench.mm.mmUsers());
    assertSame(bench.mm, notifier.mm());
    assertFalse(bench.mm.mmapLock().isHeld());

    notifier.unregister();
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N107_theSubscriptionsStayUntilTheMmIsFreed() {
    assertNull(Subscriptions.of(bench.mm));
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    assertEquals(
        List.of("mm_struct", "mmu_notifier", "mmu_notifier_subscriptions"),
        bench.liveTypes().stream().sorted().toList());
    notifier.unregister();
    assertEquals(List.of("mm_struct", "mmu_notifier_subscriptions"), bench.liveTypes());
  }

  @Test
  void N104_theNewestIsCalledFirst() {
    for (String name : List.of("a", "b", "c")) {
      bench.register(bench.recorder(name).startOnly());
    }
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("c.start", "b.start", "a.start");
    unregisterAll();
  }

  @Test
  void M022_N103_i56_theListChangesWhileAllLocksAreHeld() {
    bench.register(bench.recorder("old").startOnly());
    bench.space.onTakeAllLocks(
        () -> {
          bench.mm.mmapLock().assertHeldWrite();
          bench.end(bench.start(0x1000, 0x2000));
          bench.log().add("locked");
          return Errno.OK;
        });
    bench.space.onDropAllLocks(
        () -> {
          bench.mm.mmapLock().assertHeldWrite();
          bench.end(bench.start(0x1000, 0x2000));
          bench.log().add("unlocked");
        });

    bench.register(bench.recorder("new").bracket());

    bench.assertLog("old.start", "locked", "new.start", "old.start", "new.end", "unlocked");
    unregisterAll();
  }

  @Test
  void N102_registerTakesTheMmapLockItself() {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    bench.mm.mmapLock().readLock();
    bench.assertBug(Rule.RECURSIVE_LOCK, () -> notifier.register(bench.mm));
    bench.mm.mmapLock().readUnlock();
    assertUntouched();
  }

  @Test
  void N102_i17_registerLockedNeedsTheMmapLockForWrite() {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    bench.assertBug(Rule.LOCK_NOT_HELD, () -> notifier.registerLocked(bench.mm));
    bench.mm.mmapLock().readLock();
    bench.assertBug(Rule.LOCK_NOT_HELD, () -> notifier.registerLocked(bench.mm));
    bench.mm.mmapLock().readUnlock();
    assertUntouched();

    bench.mm.mmapLock().writeLock();
    assertEquals(Errno.OK, notifier.registerLocked(bench.mm));
    bench.mm.mmapLock().writeUnlock();
    notifier.unregister();
  }

  @Test
  void N101_x09_i37_registrationNeedsAUserAndNotOnlyACount() {
    bench.mm.mmgrab();
    bench.mm.mmput();
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());

    bench.assertBug(Rule.MM_GONE, () -> notifier.register(bench.mm));

    assertFalse(bench.mm.mmapLock().isHeld());
    assertUntouched();
    bench.mm.mmdrop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmu_notifier", "mmu_notifier_subscriptions"})
  void N106_aFailedAllocationLeavesNothingBehind(String type) {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    bench.fail(type);
    assertEquals(Errno.ENOMEM, notifier.register(bench.mm));
    assertUntouched();

    bench.failNothing();
    assertEquals(Errno.OK, notifier.register(bench.mm));
    notifier.unregister();
  }

  @Test
  void N106_aSignalWhileTheLocksAreTakenLeavesNothingBehind() {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    bench.space.onTakeAllLocks(() -> Errno.EINTR);
    bench.space.onDropAllLocks(() -> bench.log().add("dropped what was not taken"));
    assertEquals(Errno.EINTR, notifier.register(bench.mm));
    bench.assertLog();
    assertUntouched();

    bench.space.onTakeAllLocks(() -> Errno.OK);
    bench.space.onDropAllLocks(() -> {});
    assertEquals(Errno.OK, notifier.register(bench.mm));
    notifier.unregister();
  }

  @Test
  void N106_anAddressSpaceThatThrowsWhileTheLocksAreTakenLeavesNothingBehind() {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    IllegalStateException failure = new IllegalStateException("no such lock");
    bench.space.onTakeAllLocks(
        () -> {
          throw failure;
        });
    assertSame(
        failure, assertThrows(IllegalStateException.class, () -> notifier.register(bench.mm)));
    assertFalse(bench.mm.mmapLock().isHeld());
    assertUntouched();

    bench.space.onTakeAllLocks(() -> Errno.OK);
    assertEquals(Errno.OK, notifier.register(bench.mm));
    notifier.unregister();
  }

  @Test
  void N109_aNotifierIsRegisteredOnce() {
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    bench.assertBug(Rule.ALREADY_REGISTERED, () -> notifier.register(bench.mm));
    assertEquals(2, bench.mm.mmCount());
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");

    notifier.unregister();
    bench.assertBug(Rule.ALREADY_REGISTERED, () -> notifier.register(bench.mm));
    assertEquals(1, bench.mm.mmCount());
    assertFalse(bench.mm.mmapLock().isHeld());
  }

  @Test
  void argumentsAreChecked() {
    Bench other = new Bench();
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    assertThrows(IllegalArgumentException.class, () -> notifier.register(other.mm));
    assertThrows(NullPointerException.class, () -> notifier.register(null));
    assertThrows(NullPointerException.class, () -> bench.core.notifier(null));
    assertNull(notifier.mm());
    assertUntouched();
    other.close();
  }

  @Test
  void theContainerOfAPlainNotifierIsItsOps() {
    var ops = bench.recorder("n").startOnly();
    assertSame(ops, bench.core.notifier(ops).container());
  }

  @Test
  void N108_anMmThatIsFreedWithANotifierLeftIsABug() {
    Bench broken = new Bench();
    broken.register(broken.recorder("n").startOnly());
    broken.mm.mmdrop();

    var bug = broken.assertBug(Rule.STILL_IN_USE, broken.mm::mmdrop);

    assertEquals(true, bug.getMessage().contains("mmu_notifier"), bug::getMessage);
  }

  /** Nothing is registered, nothing was counted or allocated. */
  private void assertUntouched() {
    assertEquals(1, bench.mm.mmCount());
    assertEquals(List.of("mm_struct"), bench.liveTypes());
    assertNull(Subscriptions.of(bench.mm));
  }

  private void unregisterAll() {
    for (ListNotifier here = Subscriptions.of(bench.mm).head(); here != null; here = here.next()) {
      here.unregister();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.assertBug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;

/** Registering and unregistering ranges, and what they keep alive. */
final class RangeRegistrationTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;
  private final MirrorBench.Ops ops = it.ops("a");
  private final HmmMirror mirror = it.mirror(ops);

  private void assertRefused(Errno errno, HmmRange range) {
    int users = bench.mm.mmUsers();
    int count = bench.mm.mmCount();
    List<String> live = it.live();
    assertEquals(errno, mirror.rangeRegister(range));
    assertEquals(users, bench.mm.mmUsers());
    assertEquals(count, bench.mm.mmCount());
    assertEquals(live, it.live());
    assertBug(Rule.NOT_REGISTERED, range::valid);
    assertBug(Rule.NOT_REGISTERED, () -> range.waitUntilValid(0));
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeUnregister(range));
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeFault(range));
  }

  @Test
  void R218_i14_p03_emptyUnalignedAndOddPagesAreEinval() {
    assertRefused(Errno.EINVAL, bench.range(3, 3));
    assertRefused(Errno.EINVAL, bench.range(4, 3));
    assertRefused(Errno.EINVAL, HmmRange.of(0x1800, 0x3000));
    assertRefused(Errno.EINVAL, HmmRange.of(0x1000, 0x2fff));
    assertRefused(Errno.EINVAL, HmmRange.of(0x10000, 0x20000, 16));
    mirror.unregister();
  }

  @Test
  void R218_i14_p12_afterTheExitItIsEfault() {
    bench.mm.mmput();
    assertEquals(List.of("release a"), it.calls);
    assertRefused(Errno.EFAULT, bench.range(0, 1));
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of(), it.live());
  }

  @Test
  void R218_duringTheReleaseItIsEfaultToo() {
    ops.onRelease = same -> assertRefused(Errno.EFAULT, bench.range(0, 1));
    bench.mm.mmput();
    assertEquals(List.of("release a"), it.calls);
  }

  @Test
  void R219_p12_i13_aRangeHoldsTheAddressSpaceAlive() {
    HmmRange range = it.registered(mirror, 0, 1);
    assertEquals(2, bench.mm.mmUsers());
    bench.mm.mmput();
    assertEquals(0, bench.space.exits.get());
    assertEquals(List.of(), it.calls);
    assertTrue(range.valid());
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeSnapshot(range)));

    ops.onRelease =
        same -> {
          assertEquals(0, bench.space.exits.get(), "I57: release comes first");
          assertBug(Rule.USE_AFTER_FREE, range::valid);
        };
    assertTrue(mirror.rangeUnregister(range));
    assertEquals(1, bench.space.exits.get());
    assertEquals(List.of("release a"), it.calls);
    assertEquals(List.of(), it.warnings(), "no range was registered any more");
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of(), it.live());
    assertEquals(1, bench.space.frees.get());
    assertEquals(List.of("release a"), it.calls);
  }

  @Test
  void R220_theLastUnregisterUnderTheMmapLockChangesNothing() {
    HmmRange range = it.registered(mirror, 0, 1);
    bench.mm.mmput();
    bench.mm.mmapLock().readLock();
    assertBug(Rule.RECURSIVE_LOCK, () -> mirror.rangeUnregister(range));
    bench.mm.mmapLock().readUnlock();
    assertTrue(range.valid());
    assertEquals(1, bench.mm.mmUsers());
    assertEquals(0, bench.space.exits.get());
    mirror.rangeUnregister(range);
    assertEquals(1, bench.space.exits.get());
  }

  @Test
  void R219_p12_onlyTheLastOfTwoRangesLetsItExit() {
    HmmRange first = it.registered(mirror, 0, 1);
    HmmRange second = it.registered(mirror, 0, 2);
    bench.mm.mmput();
    mirror.rangeUnregister(first);
    assertEquals(0, bench.space.exits.get());
    mirror.rangeUnregister(second);
    assertEquals(1, bench.space.exits.get());
  }

  @Test
  void aReleaseThatThrowsInTheLastUnregisterLeaksNothing() {
    HmmRange range = it.registered(mirror, 0, 1);
    bench.mm.mmput();
    ops.onRelease =
        same -> {
          throw new IllegalStateException("engine on fire");
        };
    assertBug(Rule.CALLBACK_THREW, () -> mirror.rangeUnregister(range));
    assertEquals(1, bench.space.exits.get());
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of(), it.live());
  }

  @Test
  void R221_i15_registeringTwiceIsABugAndChangesNothing() {
    HmmMirror other = it.mirror("b");
    HmmRange range = it.registered(mirror, 0, 1);
    int users = bench.mm.mmUsers();
    assertBug(Rule.ALREADY_REGISTERED, () -> mirror.rangeRegister(range));
    assertBug(Rule.ALREADY_REGISTERED, () -> other.rangeRegister(range));
    assertEquals(users, bench.mm.mmUsers());
    assertEquals(1, it.live("hmm_range"));
    assertTrue(range.valid());
    assertTrue(mirror.rangeUnregister(range));
    assertEquals(0, it.live("hmm_range"));
  }

  @Test
  void R221_i15_anotherMirrorCannotUseOrUnregisterIt() {
    HmmMirror other = it.mirror("b");
    HmmRange range = it.registered(mirror, 0, 1);
    assertBug(Rule.NOT_REGISTERED, () -> other.rangeUnregister(range));
    assertBug(Rule.NOT_REGISTERED, () -> other.rangeFault(range));
    assertBug(Rule.NOT_REGISTERED, () -> other.rangeFaultAllowRetry(range));
    assertBug(Rule.NOT_REGISTERED, () -> other.rangeSnapshot(range));
    assertTrue(range.valid());
    assertTrue(mirror.rangeUnregister(range));
  }

  @Test
  void R222_p15_afterUnregisterEveryUseNamesWhoFreedIt() {
    HmmRange range = it.registered(mirror, 3, 5);
    range.pfns()[1] = 42;
    it.other(() -> mirror.rangeUnregister(range)).join();
    int users = bench.mm.mmUsers();
    bench.mm.mmapLock().readLock();
    KernelBug[] bugs = {
      assertBug(Rule.USE_AFTER_FREE, range::valid),
      assertBug(Rule.USE_AFTER_FREE, () -> range.waitUntilValid(0)),
      assertBug(Rule.USE_AFTER_FREE, () -> mirror.rangeFault(range)),
      assertBug(Rule.USE_AFTER_FREE, () -> mirror.rangeFaultAllowRetry(range)),
      assertBug(Rule.USE_AFTER_FREE, () -> mirror.rangeSnapshot(range))
    };
    bench.mm.mmapLock().readUnlock();
    KernelBug twice = assertBug(Rule.DOUBLE_FREE, () -> mirror.rangeUnregister(range));
    assertTrue(twice.getMessage().contains("Thread-"), twice.getMessage());
    for (KernelBug bug : bugs) {
      assertTrue(bug.getMessage().contains("Thread-"), bug.getMessage());
    }
    assertEquals(users, bench.mm.mmUsers());
    assertEquals(0x3000, range.start());
    assertEquals(0x5000, range.end());
    assertEquals(42, range.pfn(1));
    it.start(0, 64);
    it.end(0, 64);
    assertBug(Rule.USE_AFTER_FREE, range::valid);
  }

  @Test
  void R222_aRangeCanBeRegisteredAgainAlsoWithAnotherMirror() {
    HmmMirror other = it.mirror("b");
    HmmRange range = it.registered(mirror, 0, 1);
    mirror.rangeUnregister(range);
    assertEquals(Errno.OK, other.rangeRegister(range));
    assertTrue(range.valid());
    it.start(0, 1);
    assertFalse(range.valid());
    it.end(0, 1);
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeUnregister(range));
    assertTrue(other.rangeUnregister(range));
    assertEquals(0, it.live("hmm_range"));
    other.unregister();
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
    assertEquals(1, bench.mm.mmUsers());
  }

  @Test
  void R223_p18_unregisterAnswersWhetherItWasValid() {
    HmmRange quiet = it.registered(mirror, 0, 1);
    HmmRange hit = it.registered(mirror, 2, 3);
    it.start(2, 3);
    assertTrue(mirror.rangeUnregister(quiet));
    assertFalse(mirror.rangeUnregister(hit));
    it.end(2, 3);
  }

  @Test
  void R210_i02_aRangeKeepsTheHmmAfterItsMirrorWentAway() {
    HmmMirror other = it.mirror("b");
    HmmRange range = it.registered(other, 0, 1);
    mirror.unregister();
    assertTrue(range.valid());
    it.start(0, 1);
    assertFalse(range.valid());
    it.end(0, 1);
    assertTrue(other.rangeUnregister(range));
    other.unregister();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
  }

  @Test
  void R220_unregisteringMaySleepAndSaysSo() {
    HmmRange range = it.registered(mirror, 0, 1);
    bench.kernel.context().preemptDisable();
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> mirror.rangeUnregister(range));
    assertTrue(range.valid());
    HmmRange atomic = bench.range(1, 2);
    assertEquals(Errno.OK, mirror.rangeRegister(atomic), "registering works in any context");
    bench.kernel.context().preemptEnable();
    assertTrue(mirror.rangeUnregister(range));
    assertTrue(mirror.rangeUnregister(atomic));
  }

  @Test
  void aRangeMayBeUnregisteredWhileACallbackRuns() {
    HmmRange range = it.registered(mirror, 0, 1);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ops.onSync =
        update -> {
          inside.countDown();
          MirrorBench.await(go);
          return Errno.OK;
        };
    MirrorBench.Other changer =
        it.other(
            () -> {
              it.start(0, 1);
              it.end(0, 1);
            });
    MirrorBench.await(inside);
    assertFalse(mirror.rangeUnregister(range));
    go.countDown();
    changer.join();
    assertBug(Rule.USE_AFTER_FREE, range::valid);
  }
}

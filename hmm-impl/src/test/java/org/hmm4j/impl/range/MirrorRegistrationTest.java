// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.assertBug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registering and unregistering mirrors. */
final class MirrorRegistrationTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;

  private static Object hmmOf(Bench bench) {
    CountedMm mm = (CountedMm) bench.mm;
    mm.pageTableLock().lock();
    try {
      return mm.hmm();
    } finally {
      mm.pageTableLock().unlock();
    }
  }

  @Test
  void R201_p13_i17_theMmapLockHasToBeHeldForWrite() {
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.register(bench.mm));
    bench.mm.mmapLock().readLock();
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.register(bench.mm));
    bench.mm.mmapLock().readUnlock();
    assertEquals(List.of("mm_struct"), it.live());
    assertNull(hmmOf(bench));
    assertNull(mirror.mm());
    assertEquals(Errno.OK, it.register(mirror));
  }

  @Test
  void R202_nullsAreRefusedAtOnce() {
    assertThrows(NullPointerException.class, () -> bench.hmm.mirror(null));
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    assertThrows(NullPointerException.class, () -> mirror.register(null));
  }

  @Test
  void anMmOfAnotherKernelIsRefused() {
    Bench other = new Bench();
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    other.mm.mmapLock().writeLock();
    assertThrows(IllegalArgumentException.class, () -> mirror.register(other.mm));
    other.mm.mmapLock().writeUnlock();
  }

  @Test
  void R211_registeringTwiceIsABugAndChangesNothing() {
    HmmMirror mirror = it.mirror("a");
    List<String> live = it.live();
    int count = bench.mm.mmCount();
    assertBug(Rule.ALREADY_REGISTERED, () -> it.register(mirror));
    assertEquals(live, it.live());
    assertEquals(count, bench.mm.mmCount());
    it.start(0, 1);
    it.end(0, 1);
    assertEquals(List.of("sync a"), it.calls);
    mirror.unregister();
  }

  @Test
  void R215_registeringFromACallbackIsABugAndChangesNothing() {
    MirrorBench.Ops ops = it.ops("a");
    HmmMirror first = it.mirror(ops);
    HmmMirror second = bench.hmm.mirror(it.ops("b"));
    List<String> live = it.live();
    ops.onSync =
        update -> {
          assertBug(Rule.RECURSIVE_LOCK, () -> second.register(bench.mm));
          return Errno.OK;
        };
    bench.mm.mmapLock().writeLock();
    it.start(0, 1);
    it.end(0, 1);
    bench.mm.mmapLock().writeUnlock();
    assertNull(second.mm());
    assertEquals(live, it.live());
    assertEquals(Errno.OK, it.register(second));
    second.unregister();
    first.unregister();
    assertEquals(0, it.live("hmm"));
  }

  @Test
  void R202_i37_x09_anMmWithoutUserIsABug() {
    bench.mm.mmgrab();
    bench.mm.mmput();
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    assertBug(Rule.MM_GONE, () -> it.register(mirror));
    assertEquals(List.of("mm_struct"), it.live());
    bench.mm.mmdrop();
    assertEquals(List.of(), it.live());
  }

  @Test
  void R216_i19_afterTheLastMirrorEverythingIsBack() {
    HmmMirror first = it.mirror("a");
    HmmMirror second = it.mirror("b");
    assertSame(bench.mm, first.mm());
    assertEquals(1, it.live("hmm"));
    assertEquals(2, it.live("hmm_mirror"));
    first.unregister();
    assertEquals(1, it.live("hmm"));
    second.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of("mm_struct", "mmu_notifier_subscriptions"), it.live());
    assertEquals(1, bench.mm.mmCount());
    assertEquals(1, bench.mm.mmUsers());
    assertNull(hmmOf(bench));
    assertNull(first.mm());
    bench.mm.mmput();
    assertEquals(List.of(), it.live());
    assertEquals(1, bench.space.frees.get());
  }

  @Test
  void R213_unregisteringWhatWasNeverRegisteredIsABug() {
    assertBug(Rule.NOT_REGISTERED, () -> bench.hmm.mirror(it.ops("a")).unregister());
  }

  @Test
  void R213_p14_i15_unregisteringTwiceIsABugThatNamesTheFirst() {
    HmmMirror other = it.mirror("b");
    HmmMirror mirror = it.mirror("a");
    it.other(mirror::unregister).join();
    int count = bench.mm.mmCount();
    KernelBug bug = assertBug(Rule.DOUBLE_FREE, mirror::unregister);
    assertTrue(bug.getMessage().contains("Thread-"), bug.getMessage());
    assertEquals(count, bench.mm.mmCount());
    assertEquals(1, it.live("hmm"), "no reference was dropped");
    it.start(0, 1);
    it.end(0, 1);
    assertEquals(List.of("sync b"), it.calls);
    other.unregister();
    bench.notifiers.synchronize();
    assertBug(Rule.DOUBLE_FREE, mirror::unregister);
    assertEquals(0, it.live("hmm"));
  }

  @Test
  void R211_aMirrorCanBeRegisteredAgain() {
    HmmMirror mirror = it.mirror("a");
    mirror.unregister();
    assertEquals(Errno.OK, it.register(mirror));
    it.start(0, 1);
    it.end(0, 1);
    assertEquals(List.of("sync a"), it.calls);
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
    assertEquals(0, it.live("hmm_mirror"));
  }

  @Test
  void R214_aMirrorWithRangesIsStillInUseAndStaysRegistered() {
    HmmMirror mirror = it.mirror("a");
    HmmMirror other = it.mirror("b");
    HmmRange range = it.registered(mirror, 0, 1);
    KernelBug bug = assertBug(Rule.STILL_IN_USE, mirror::unregister);
    assertTrue(bug.getMessage().contains("1 range"), bug.getMessage());
    it.start(0, 1);
    it.end(0, 1);
    assertEquals(List.of("sync b", "sync a"), it.calls);
    assertTrue(range.valid());
    other.unregister();
    mirror.rangeUnregister(range);
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
  }

  @Test
  void R215_p16_notFromItsOwnCallbacks() {
    MirrorBench.Ops ops = it.ops("a");
    HmmMirror mirror = it.mirror(ops);
    AtomicReference<KernelBug> inSync = new AtomicReference<>();
    AtomicReference<KernelBug> inRelease = new AtomicReference<>();
    ops.onSync =
        update -> {
          inSync.set(assertBug(Rule.RECURSIVE_LOCK, mirror::unregister));
          return Errno.OK;
        };
    ops.onRelease = same -> inRelease.set(assertBug(Rule.RECURSIVE_LOCK, mirror::unregister));
    it.start(0, 1);
    it.end(0, 1);
    bench.mm.mmput();
    assertTrue(inSync.get() != null && inRelease.get() != null);
    assertSame(bench.mm, mirror.mm());
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(List.of(), it.live());
  }

  @ParameterizedTest
  @ValueSource(strings = {"hmm", "mmu_notifier", "mmu_notifier_subscriptions"})
  void R203_i08_enomemLeavesNothingBehind(String failing) {
    List<String> asked = new ArrayList<>();
    boolean[] fail = {true};
    MirrorBench scarce =
        new MirrorBench(
            KernelOptions.defaults()
                .failAllocation(
                    type -> {
                      asked.add(type);
                      return fail[0] && type.equals(failing);
                    }));
    HmmMirror mirror = scarce.bench.hmm.mirror(scarce.ops("a"));
    assertEquals(Errno.ENOMEM, scarce.register(mirror));
    assertTrue(asked.contains(failing), asked.toString());
    assertEquals(0, scarce.live("hmm"));
    assertEquals(0, scarce.live("mmu_notifier"));
    assertEquals(0, scarce.live("hmm_mirror"));
    assertEquals(1, scarce.bench.mm.mmCount());
    assertNull(hmmOf(scarce.bench));
    assertNull(mirror.mm());
    assertBug(Rule.NOT_REGISTERED, mirror::unregister);
    scarce.start(0, 1);
    scarce.end(0, 1);
    assertEquals(List.of(), scarce.calls);

    fail[0] = false;
    assertEquals(Errno.OK, scarce.register(mirror));
    mirror.unregister();
    scarce.bench.notifiers.synchronize();
    scarce.bench.mm.mmput();
    assertEquals(List.of(), scarce.live());
    assertEquals(List.of(), scarce.warnings());
  }

  @Test
  void R203_i08_aSignalIsEnomemToo() {
    bench.space.allLocks = Errno.EINTR;
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    assertEquals(Errno.ENOMEM, it.register(mirror));
    assertNull(hmmOf(bench));
    assertNull(mirror.mm());
    assertEquals(0, it.live("hmm"));
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void R217_p07_i06_aRangeNeedsARegisteredMirrorAndNeverMakesAnHmm() {
    HmmMirror mirror = bench.hmm.mirror(it.ops("a"));
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeRegister(bench.range(0, 1)));
    assertNull(hmmOf(bench));
    assertEquals(List.of("mm_struct"), it.live());
    it.register(mirror);
    mirror.unregister();
    bench.notifiers.synchronize();
    HmmRange range = bench.range(0, 1);
    assertThrows(KernelBug.class, () -> mirror.rangeRegister(range));
    assertBug(Rule.NOT_REGISTERED, range::valid);
    assertEquals(1, bench.mm.mmUsers());
    assertEquals(0, it.live("hmm"));
    assertEquals(0, it.live("hmm_range"));
  }
}

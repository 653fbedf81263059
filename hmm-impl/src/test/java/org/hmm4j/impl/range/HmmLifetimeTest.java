// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.assertBug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.impl.range.MirrorBench.Ops;
import org.hmm4j.impl.range.MirrorBench.Other;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;

/** How long a struct hmm lives: cards P06, P08, P09, P12, P16. */
final class HmmLifetimeTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;

  /**
   * Holds an SRCU section open: a callback that waits. It belongs to another mm, for there is one
   * domain for all, so that registering is still allowed here.
   */
  private final class OpenSection implements MmuNotifierOps {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final Other task;

    OpenSection() {
      MmStruct elsewhere =
          MmStruct.alloc(bench.kernel, new ScriptedAddressSpace(ScriptedAddressSpace.SMALL));
      MmuNotifier notifier = bench.notifiers.notifier(this);
      assertEquals(Errno.OK, notifier.register(elsewhere));
      MmuNotifierRange change = MmuNotifierRange.of(elsewhere, MmuNotifierEvent.CLEAR, 0, 0x1000);
      task =
          it.other(
              () -> {
                bench.notifiers.invalidateRangeStart(change);
                bench.notifiers.invalidateRangeEnd(change);
                notifier.unregister();
                elsewhere.mmput();
              });
      MirrorBench.await(inside);
    }

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      inside.countDown();
      MirrorBench.await(go);
      return Errno.OK;
    }

    void close() {
      go.countDown();
      task.join();
    }
  }

  private Object hmm() {
    CountedMm mm = (CountedMm) bench.mm;
    mm.pageTableLock().lock();
    try {
      return mm.hmm();
    } finally {
      mm.pageTableLock().unlock();
    }
  }

  @Test
  void R208_p06_i01_theHmmIsNotFreedBeforeTheSectionsThatWereOpen() {
    HmmMirror mirror = it.mirror("a");
    OpenSection section = new OpenSection();
    mirror.unregister();
    assertEquals(null, hmm(), "unlinked at once");
    assertEquals(1, it.live("hmm"), "but in memory, as long as a callback may look at it");
    section.close();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void R209_p06_i03_aCallbackThatFindsADyingHmmDoesNothingAndSucceeds() {
    HookMachine machine = new HookMachine();
    MirrorBench hooked = new MirrorBench(KernelOptions.defaults().machine(machine));
    HmmMirror mirror = hooked.mirror("a");
    machine.once(
        (step, object) -> step == Step.CALLBACK,
        () -> {
          hooked.other(mirror::unregister).join();
          assertEquals(1, hooked.live("hmm"), "the section of this callback keeps it");
        });
    hooked.start(4, 5);
    hooked.end(4, 5);
    assertTrue(machine.hasRun());
    assertEquals(List.of(), hooked.calls);
    assertEquals(List.of(), hooked.warnings());
    hooked.bench.notifiers.synchronize();
    assertEquals(0, hooked.live("hmm"));
    assertEquals(1, hooked.bench.mm.mmCount());
  }

  @Test
  void R209_p06_i03_theSameForTheEnd() {
    HookMachine machine = new HookMachine();
    MirrorBench hooked = new MirrorBench(KernelOptions.defaults().machine(machine));
    HmmMirror mirror = hooked.mirror("a");
    hooked.start(4, 5);
    machine.once(
        (step, object) -> step == Step.CALLBACK, () -> hooked.other(mirror::unregister).join());
    hooked.end(4, 5);
    assertTrue(machine.hasRun());
    assertEquals(List.of("sync a"), hooked.calls);
    hooked.bench.notifiers.synchronize();
    assertEquals(0, hooked.live("hmm"));
    assertEquals(List.of(), hooked.warnings());
  }

  @Test
  void R209_p06_unregisterFromAnotherTaskBetweenStartAndEnd() {
    HmmMirror mirror = it.mirror("a");
    it.start(4, 5);
    it.other(mirror::unregister).join();
    it.end(4, 5);
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
    assertEquals(List.of(), it.warnings());
  }

  @Test
  void R204_p09_i08_registeringBesideADyingHmmMakesAFreshOne() {
    HmmMirror first = it.mirror("a");
    OpenSection section = new OpenSection();
    first.unregister();
    assertEquals(1, it.live("hmm"));
    HmmMirror second = it.mirror("b");
    assertEquals(2, it.live("hmm"), "the dying one and a fresh one");
    Object fresh = hmm();
    HmmRange range = it.registered(second, 4, 8);
    section.close();
    bench.notifiers.synchronize();
    assertEquals(1, it.live("hmm"));
    assertEquals(fresh, hmm(), "the free of the old one leaves the new one alone");
    it.calls.clear();
    it.start(4, 5);
    assertFalse(range.valid());
    it.end(4, 5);
    assertTrue(range.valid());
    assertEquals(List.of("sync b"), it.calls);
    second.rangeUnregister(range);
    second.unregister();
    bench.notifiers.synchronize();
    assertEquals(0, it.live("hmm"));
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void R204_p09_i09_aDyingHmmThatMmHmmStillPointsToIsReplacedAndLeavesTheFreshOneAlone() {
    HookMachine machine = new HookMachine();
    MirrorBench hooked = new MirrorBench(KernelOptions.defaults().machine(machine));
    HmmMirror first = hooked.mirror("a");
    CountDownLatch dying = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    // The count is 0, and page_table_lock is about to be taken to clear mm->hmm.
    machine.once(
        (step, object) -> step == Step.LOCK && object == hooked.bench.mm.pageTableLock(),
        () -> {
          dying.countDown();
          MirrorBench.await(go);
        });
    Other leaver = hooked.other(first::unregister);
    MirrorBench.await(dying);
    HmmMirror second = hooked.mirror("b");
    assertEquals(2, hooked.live("hmm"));
    go.countDown();
    leaver.join();
    hooked.bench.notifiers.synchronize();
    assertEquals(1, hooked.live("hmm"));
    HmmMirror third = hooked.mirror("c");
    assertEquals(1, hooked.live("hmm"), "mm->hmm still points to the fresh one");
    hooked.start(0, 1);
    hooked.end(0, 1);
    assertEquals(List.of("sync c", "sync b"), hooked.calls);
    second.unregister();
    third.unregister();
    hooked.bench.notifiers.synchronize();
    assertEquals(0, hooked.live("hmm"));
    assertEquals(List.of(), hooked.warnings());
  }

  @Test
  void R205_p09_aKnownHmmIsShared() {
    HmmMirror first = it.mirror("a");
    Object hmm = hmm();
    HmmMirror second = it.mirror("b");
    assertEquals(hmm, hmm());
    first.unregister();
    assertEquals(hmm, hmm());
    second.unregister();
    assertEquals(null, hmm());
  }

  @Test
  void R207_p08_i07_theHmmKeepsItsMmInMemory() {
    HmmMirror mirror = it.mirror("a");
    bench.mm.mmput();
    assertEquals(1, bench.space.exits.get());
    assertEquals(0, bench.space.frees.get());
    mirror.unregister();
    bench.notifiers.synchronize();
    assertEquals(1, bench.space.frees.get());
    assertEquals(List.of(), it.live());
    assertEquals(List.of(), it.warnings());
  }

  @Test
  void R212_R240_p16_i05_unregisterWaitsForItsRelease() {
    Ops ops = it.ops("a");
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean released = new AtomicBoolean();
    ops.onRelease =
        mirror -> {
          inside.countDown();
          MirrorBench.await(go);
          released.set(true);
        };
    HmmMirror mirror = it.mirror(ops);
    Other exiting = it.other(bench.mm::mmput);
    MirrorBench.await(inside);
    Other leaver =
        it.other(
            () -> {
              mirror.unregister();
              assertTrue(released.get(), "the release still ran when unregister returned");
            });
    leaver.awaitAsleep();
    go.countDown();
    leaver.join();
    exiting.join();
    bench.notifiers.synchronize();
    assertEquals(List.of("release a"), it.calls);
    assertEquals(List.of(), it.live());
    assertEquals(1, bench.space.frees.get());
  }

  @Test
  void R219_p12_theExitWaitsForARangeOfAnotherTask() {
    HmmMirror mirror = it.mirror("a");
    HmmRange range = it.registered(mirror, 4, 8);
    it.other(bench.mm::mmput).join();
    assertEquals(List.of(), it.calls);
    it.start(4, 5);
    it.end(4, 5);
    assertEquals(List.of("sync a"), it.calls);
    AtomicReference<Boolean> valid = new AtomicReference<>();
    it.other(() -> valid.set(mirror.rangeUnregister(range))).join();
    assertTrue(valid.get());
    assertEquals(List.of("sync a", "release a"), it.calls);
  }

  @Test
  void R206_i56_i10_theNotifierIsThereAsSoonAsTheMirrorIs() {
    HmmMirror mirror = it.mirror("a");
    it.start(0, 1);
    assertEquals(List.of("sync a"), it.calls);
    it.end(0, 1);
    mirror.unregister();
    it.start(0, 1);
    it.end(0, 1);
    assertEquals(List.of("sync a"), it.calls, "and gone as soon as it is gone");
  }

  @Test
  void R230_anEndWithoutAStartIsABug() {
    HmmMirror mirror = it.mirror("a");
    assertBug(Rule.UNBALANCED_END, () -> it.end(0, 1));
    HmmRange range = it.registered(mirror, 0, 1);
    assertTrue(range.valid());
    it.start(0, 1);
    assertFalse(range.valid());
    it.end(0, 1);
    assertTrue(range.valid());
  }

  @Test
  void R210_i02_manyTasksRegisterAndUnregisterTogether() {
    Other[] tasks = new Other[4];
    for (int i = 0; i < tasks.length; i++) {
      String name = "m" + i;
      tasks[i] =
          it.other(
              () -> {
                for (int turn = 0; turn < 200; turn++) {
                  HmmMirror mirror = it.mirror(name);
                  HmmRange range = it.registered(mirror, 0, 4);
                  it.start(0, 1);
                  it.end(0, 1);
                  mirror.rangeUnregister(range);
                  mirror.unregister();
                }
              });
    }
    for (Other task : tasks) {
      task.join();
    }
    bench.notifiers.synchronize();
    assertEquals(List.of("mm_struct", "mmu_notifier_subscriptions"), it.live());
    assertEquals(1, bench.mm.mmCount());
    assertEquals(1, bench.mm.mmUsers());
    assertEquals(List.of(), it.warnings());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.impl.Engine;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.function.Executable;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class CountedMmTest {

  private final Kernel kernel = new Engine().boot(KernelOptions.defaults());
  private final TestAddressSpace space = new TestAddressSpace();
  private final MmStruct mm = MmStruct.alloc(kernel, space);

  @Test
  void M001_aNewMmHasOneUserAndOneCount() {
    assertCounts(1, 1);
    assertSame(space, mm.addressSpace());
    assertSame(kernel, mm.kernel());
    assertEquals(1, kernel.allocations().live().size());
  }

  @Test
  void M001_usersAndCountsAreCountedApart() {
    mm.mmget();
    assertTrue(mm.mmgetNotZero());
    assertCounts(3, 1);
    mm.mmgrab();
    assertCounts(3, 2);
    mm.mmput();
    assertCounts(2, 2);
    mm.mmdrop();
    assertCounts(2, 1);
    assertEquals(List.of(), space.log());
  }

  @Test
  void M003_theLastUserRunsExitAndThenFrees() {
    mm.mmput();

    assertEquals(List.of("exitMmap", "free"), space.log());
    assertCounts(0, 0);
    assertNothingIsLive();
  }

  @Test
  void M006_aGrabKeepsTheMmInMemoryAfterExit() {
    mm.mmgrab();
    mm.mmput();
    assertEquals(List.of("exitMmap"), space.log());
    assertCounts(0, 1);

    mm.mmdrop();
    assertEquals(List.of("exitMmap", "free"), space.log());
    assertNothingIsLive();
  }

  @Test
  void M004_i57_releaseCallbacksComeBeforeExitMmap() {
    MmuNotifier first = register("first", () -> {});
    MmuNotifier second = register("second", () -> {});

    mm.mmput();

    assertEquals(List.of("second.release", "first.release", "exitMmap"), space.log());
    first.unregister();
    second.unregister();
    assertEquals("free", space.log().get(3));
    assertNothingIsLive();
  }

  @Test
  void M002_noUserAppearsOnceExitHasBegun() {
    List<Boolean> answers = new ArrayList<>();
    space.onExitMmap(() -> answers.add(mm.mmgetNotZero()));
    MmuNotifier notifier = register("n", () -> answers.add(mm.mmgetNotZero()));

    mm.mmput();

    assertEquals(List.of(false, false), answers);
    assertFalse(mm.mmgetNotZero());
    assertBug(Rule.MM_GONE, mm::mmget);
    assertEquals(0, mm.mmUsers());
    notifier.unregister();
  }

  @Test
  void M005_exitRunsWithoutLocksAndMaySleep() {
    AtomicBoolean slept = new AtomicBoolean();
    space.onExitMmap(
        () -> {
          mm.mmapLock().writeLock();
          mm.mmapLock().writeUnlock();
          slept.set(true);
        });
    mm.mmput();
    assertTrue(slept.get());
  }

  @Test
  void M013_theLastMmputUnderTheMmapLockChangesNothing() {
    mm.mmapLock().readLock();
    KernelBug bug = assertThrows(KernelBug.class, mm::mmput);
    mm.mmapLock().readUnlock();
    assertEquals(Rule.RECURSIVE_LOCK, bug.rule());
    assertCounts(1, 1);
    assertEquals(List.of(), space.log());
    mm.mmput();
    assertNothingIsLive();
  }

  @Test
  void M009_mmputWithoutAUserChangesNothing() {
    mm.mmgrab();
    mm.mmput();

    assertBug(Rule.MM_GONE, mm::mmput);

    assertCounts(0, 1);
    assertEquals(List.of("exitMmap"), space.log());
    mm.mmdrop();
  }

  @Test
  void M010_everyUseAfterFreeIsReported() {
    mm.mmput();

    for (Executable use :
        List.<Executable>of(mm::mmget, mm::mmgetNotZero, mm::mmput, mm::mmgrab, mm::mmdrop)) {
      KernelBug bug = assertBug(Rule.USE_AFTER_FREE, use);
      assertTrue(bug.getMessage().contains("mm_struct"), bug::getMessage);
    }
    assertCounts(0, 0);
    assertEquals(List.of("exitMmap", "free"), space.log());
  }

  @Test
  void M007_i18_mmputInAtomicContextChangesNothingEvenIfItIsNotTheLast() {
    SpinLock lock = kernel.spinLock("driver");
    mm.mmget();
    lock.lock();

    assertBug(Rule.SLEEP_IN_ATOMIC, mm::mmput);

    lock.unlock();
    assertCounts(2, 1);
    mm.mmput();
    assertCounts(1, 1);
  }

  @Test
  void M008_theOtherCountersMayBeUsedInAtomicContext() {
    SpinLock lock = kernel.spinLock("driver");
    lock.lock();
    mm.mmget();
    assertTrue(mm.mmgetNotZero());
    mm.mmgrab();
    mm.mmdrop();
    lock.unlock();
    assertCounts(3, 1);
  }

  @Test
  void M011_anAddressSpaceThatThrowsInExitMmapIsFreedAllTheSame() {
    IllegalStateException failure = new IllegalStateException("page tables are broken");
    space.onExitMmap(
        () -> {
          throw failure;
        });

    assertSame(failure, assertThrows(IllegalStateException.class, mm::mmput));

    assertEquals(List.of("exitMmap", "free"), space.log());
    assertNothingIsLive();
  }

  @Test
  void M011_aReleaseCallbackThatThrowsKeepsNothingFromHappening() {
    IllegalStateException failure = new IllegalStateException("engine is on fire");
    MmuNotifier quiet = register("quiet", () -> {});
    MmuNotifier loud =
        register(
            "loud",
            () -> {
              throw failure;
            });

    KernelBug bug = assertBug(Rule.CALLBACK_THREW, mm::mmput);

    assertSame(failure, bug.getCause());
    assertEquals(List.of("loud.release", "quiet.release", "exitMmap"), space.log());
    loud.unregister();
    quiet.unregister();
    assertNothingIsLive();
  }

  @Test
  void M012_aFailedAllocationLeavesNothing() {
    Kernel poor = new Engine().boot(KernelOptions.defaults().failAllocation("mm_struct"::equals));
    TestAddressSpace unused = new TestAddressSpace();

    assertNull(MmStruct.alloc(poor, unused));

    assertEquals(List.of(), poor.allocations().live());
    assertEquals(List.of(), unused.log());
  }

  @Test
  void argumentsAreChecked() {
    Kernel other = new Engine().boot(KernelOptions.defaults());
    assertThrows(NullPointerException.class, () -> MmStruct.alloc(kernel, null));
    assertThrows(IllegalArgumentException.class, () -> CountedMm.of(other, mm));
    assertThrows(NullPointerException.class, () -> CountedMm.of(kernel, null));
    assertSame(mm, CountedMm.of(kernel, mm));
  }

  @Test
  void M003_parallelMmputsRunExitOnce() {
    for (int round = 0; round < 300; round++) {
      TestAddressSpace shared = new TestAddressSpace();
      MmStruct both = MmStruct.alloc(kernel, shared);
      both.mmget();
      Task other = kernel.machine().spawn("other", both::mmput);
      both.mmput();
      other.join();
      assertEquals(Optional.empty(), other.failure());
      assertEquals(List.of("exitMmap", "free"), shared.log());
    }
  }

  @Test
  void M002_mmgetNotZeroAgainstTheLastMmputNeverRevivesTheMm() {
    for (int round = 0; round < 300; round++) {
      TestAddressSpace shared = new TestAddressSpace();
      MmStruct raced = MmStruct.alloc(kernel, shared);
      raced.mmgrab();
      Task other =
          kernel
              .machine()
              .spawn(
                  "other",
                  () -> {
                    if (raced.mmgetNotZero()) {
                      assertFalse(shared.log().contains("exitMmap"), "a user of a dead mm");
                      raced.mmput();
                    }
                  });
      raced.mmput();
      other.join();
      assertEquals(Optional.empty(), other.failure());
      assertEquals(List.of("exitMmap"), shared.log());
      raced.mmdrop();
      assertEquals(List.of("exitMmap", "free"), shared.log());
    }
  }

  private MmuNotifier register(String name, Runnable onRelease) {
    MmuNotifier notifier =
        MmuNotifiers.of(kernel)
            .notifier(
                new MmuNotifierOps() {
                  @Override
                  public void release(MmuNotifier subscription, MmStruct of) {
                    space.log().add(name + ".release");
                    onRelease.run();
                  }
                });
    assertEquals(Errno.OK, notifier.register(mm));
    return notifier;
  }

  private void assertCounts(int users, int count) {
    assertEquals(users, mm.mmUsers(), "mm_users");
    assertEquals(count, mm.mmCount(), "mm_count");
  }

  private void assertNothingIsLive() {
    assertEquals(List.of(), kernel.allocations().live());
    assertEquals(List.of(), kernel.warnings());
  }

  private static KernelBug assertBug(Rule rule, Executable misuse) {
    KernelBug bug = assertThrows(KernelBug.class, misuse);
    assertEquals(rule, bug.rule(), bug::getMessage);
    return bug;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A get that fails: the error is passed on, what was made is freed, and nothing is left. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class NotifierGetFailureTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  @Test
  void N112_theErrorOfAllocIsPassedOn() {
    MmuNotifierOps ops = bench.recorder("n").onAlloc(o -> ErrPtr.err(Errno.EBUSY)).startOnly();
    assertEquals(ErrPtr.err(Errno.EBUSY), bench.core.get(ops, bench.mm));
    bench.assertLog("n.alloc");
    assertUntouched();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAllocThatThrowsLeavesNothingBehind(boolean error) {
    Throwable failure = error ? new AssertionError("broken") : new IllegalStateException("broken");
    MmuNotifierOps ops =
        bench
            .recorder("n")
            .onAlloc(
                o -> {
                  if (error) {
                    throw (Error) failure;
                  }
                  throw (RuntimeException) failure;
                })
            .startOnly();
    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, () -> bench.core.get(ops, bench.mm));
    assertSame(failure, bug.getCause());
    bench.assertLog("n.alloc");
    assertUntouched();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmu_notifier", "mmu_notifier_subscriptions"})
  void N112_aFailedAllocationFreesTheNotifier(String type) {
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    bench.fail(type);
    assertEquals(Errno.ENOMEM, bench.core.get(ops, bench.mm).errno());
    bench.assertLog("n.alloc", "n.free");
    assertUntouched();

    bench.failNothing();
    bench.core.get(ops, bench.mm).value().put();
  }

  @Test
  void N112_aSignalFreesTheNotifier() {
    bench.space.onTakeAllLocks(() -> Errno.EINTR);
    ErrPtr<MmuNotifier> got = bench.core.get(bench.recorder("n").startOnly(), bench.mm);
    assertEquals(Errno.EINTR, got.errno());
    bench.assertLog("n.alloc", "n.free");
    assertUntouched();
  }

  @Test
  void N112_anAddressSpaceThatThrowsFreesTheNotifier() {
    bench.space.onTakeAllLocks(
        () -> {
          throw new IllegalStateException("no such lock");
        });
    MmuNotifierOps ops = bench.recorder("n").startOnly();
    assertThrows(IllegalStateException.class, () -> bench.core.get(ops, bench.mm));
    bench.assertLog("n.alloc", "n.free");
    assertUntouched();
  }

  @Test
  void anAllocThatAnswersNullIsAThrow() {
    MmuNotifierOps ops = bench.recorder("n").onAlloc(o -> null).startOnly();
    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, () -> bench.core.get(ops, bench.mm));
    assertTrue(bug.getMessage().contains("null"), bug::getMessage);
    assertUntouched();
  }

  private void assertUntouched() {
    assertEquals(1, bench.mm.mmCount());
    assertEquals(List.of("mm_struct"), bench.liveTypes());
    assertNull(Subscriptions.of(bench.mm));
    assertFalse(bench.mm.mmapLock().isHeld());
  }
}

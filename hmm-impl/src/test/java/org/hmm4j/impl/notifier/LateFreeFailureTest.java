// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * A free_notifier that throws does so in whichever task ends the grace period. What that task was
 * doing must be done or undone as a whole.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class LateFreeFailureTest {

  private final Bench bench = new Bench();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  private MmuNotifier brokenNotifier() {
    return bench
        .core
        .get(
            bench
                .recorder("broken")
                .onFree(
                    self -> {
                      throw new IllegalStateException("cannot free");
                    })
                .startOnly(),
            bench.mm)
        .value();
  }

  private void stop() {
    entered.countDown();
    Background.await(goOn);
  }

  @Test
  void aStartThatThrowsForItIsTakenBack() {
    IntervalNotifier interval = bench.insert(new IntervalRecorder(bench, "interval"), 0, 0x1000);
    ListNotifier list =
        bench.register(
            bench
                .recorder("list")
                .onStart(
                    range -> {
                      stop();
                      return Errno.OK;
                    })
                .bracket());
    MmuNotifier broken = brokenNotifier();
    Background invalidator =
        Background.run(
            bench,
            "invalidator",
            () -> bench.assertBug(Rule.CALLBACK_THREW, () -> bench.start(0, 0x1000)));
    Background.await(entered);
    broken.put();
    goOn.countDown();
    invalidator.join();

    bench.assertIdle();
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(0, 0x1000)));
    assertEquals("list.end", bench.log().get(bench.log().size() - 1));
    assertFalse(interval.readRetry(interval.readBegin()));
    interval.remove();
    list.unregister();
  }

  @Test
  void anUnregisterThatThrowsForItHasUnregistered() {
    ListNotifier list =
        bench.register(bench.recorder("list").onRelease(self -> stop()).startOnly());
    MmuNotifier broken = brokenNotifier();
    Background unregister =
        Background.run(
            bench, "unregister", () -> bench.assertBug(Rule.CALLBACK_THREW, list::unregister));
    Background.await(entered);
    broken.put();
    goOn.countDown();
    unregister.join();

    assertFalse(list.isLinked());
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void anExitThatThrowsForItHasFreedTheMm() {
    ListNotifier list =
        bench.register(bench.recorder("list").onRelease(self -> stop()).startOnly());
    MmuNotifier broken = brokenNotifier();
    Background exit =
        Background.run(bench, "exit", () -> bench.assertBug(Rule.CALLBACK_THREW, bench.mm::mmput));
    Background.await(entered);
    broken.put();
    goOn.countDown();
    exit.join();

    assertEquals(1, bench.mm.mmCount());
    list.unregister();
    assertEquals("free", bench.log().get(bench.log().size() - 1));
  }
}

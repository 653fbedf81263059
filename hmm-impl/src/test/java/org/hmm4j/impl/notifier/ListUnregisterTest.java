// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.notifier.MmuNotifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** How a list notifier goes: by unregister, by exit, or both. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ListUnregisterTest {

  private final Bench bench = new Bench();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  @Test
  void N119_i20_unregisterReleasesAndExitThenDoesNot() {
    bench.register(bench.recorder("n").startOnly()).unregister();
    bench.assertLog("n.release");
    bench.mm.mmput();
    bench.assertLog("exitMmap", "free");
  }

  @Test
  void N119_i20_exitReleasesAndUnregisterThenDoesNot() {
    ListNotifier a = bench.register(bench.recorder("a").bracket());
    ListNotifier b = bench.register(bench.recorder("b").startOnly());
    bench.mm.mmput();
    bench.assertLog("b.release", "a.release", "exitMmap");

    // The mm stays in memory for its notifiers, but nobody is called any more.
    assertEquals(2, bench.mm.mmCount());
    bench.end(bench.start(0x1000, 0x2000));
    a.unregister();
    bench.assertLog();
    b.unregister();
    bench.assertLog("free");
  }

  @Test
  void N120_i55_afterUnregisterNobodyIsCalled() {
    ListNotifier stays = bench.register(bench.recorder("stays").bracket());
    bench.register(bench.recorder("goes").bracket()).unregister();
    bench.assertLog("goes.release");
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("stays.start", "stays.end");
    stays.unregister();
  }

  @Test
  void N120_i55_unregisterWaitsForACallbackThatRuns() {
    ListNotifier notifier = bench.register(stoppingInStart("n").startOnly());
    Background invalidator = startInBackground();
    Background unregister = Background.run(bench, "unregister", notifier::unregister);

    unregister.awaitBlocked();
    bench.assertLog("n.start", "n.release");
    goOn.countDown();

    unregister.join();
    bench.assertLog("n.returns");
    invalidator.join();
  }

  @Test
  void N120_i20_unregisterThatRacesWithExitWaitsForItsRelease() {
    ListNotifier notifier =
        bench.register(
            bench
                .recorder("n")
                .onRelease(
                    self -> {
                      if (entered.getCount() > 0) {
                        entered.countDown();
                        Background.await(goOn);
                        bench.log().add("release returns");
                      }
                    })
                .startOnly());
    Background exit = Background.run(bench, "exit", bench.mm::mmput);
    Background.await(entered);
    Background unregister =
        Background.run(
            bench,
            "unregister",
            () -> {
              notifier.unregister();
              bench.log().add("unregistered");
            });

    unregister.awaitBlocked();
    goOn.countDown();
    unregister.join();
    exit.join();

    // Both called it, as each found it on the list; neither went on before the other had returned.
    assertEquals(2, Collections.frequency(bench.log(), "n.release"));
    assertTrue(bench.log().indexOf("release returns") < bench.log().indexOf("exitMmap"));
    assertTrue(bench.log().indexOf("release returns") < bench.log().indexOf("unregistered"));
  }

  @Test
  void N126_i57_exitWaitsForACallbackThatRuns() {
    ListNotifier notifier = bench.register(stoppingInStart("n").startOnly());
    Background invalidator = startInBackground();
    Background exit = Background.run(bench, "exit", bench.mm::mmput);

    exit.awaitBlocked();
    bench.assertLog("n.start", "n.release");
    goOn.countDown();

    exit.join();
    invalidator.join();
    bench.assertLog("n.returns", "exitMmap");
    notifier.unregister();
  }

  @Test
  void N121_unregisterFromWithinACallbackChangesNothing() {
    MmuNotifier[] self = new MmuNotifier[1];
    Runnable misuse = () -> bench.assertBug(Rule.BAD_CONTEXT, self[0]::unregister);
    self[0] =
        bench.register(
            bench
                .recorder("n")
                .onStart(
                    range -> {
                      misuse.run();
                      return Errno.OK;
                    })
                .onEnd(range -> misuse.run())
                .onRelease(notifier -> misuse.run())
                .bracket());
    for (int i = 0; i < 2; i++) {
      bench.end(bench.start(0x1000, 0x2000));
      bench.assertLog("n.start", "n.end");
    }
    assertEquals(2, bench.mm.mmCount());
    bench.mm.mmput();
    bench.assertLog("n.release", "exitMmap");
    self[0].unregister();
  }

  @Test
  void N122_i18_unregisterInAtomicContextChangesNothing() {
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    SpinLock lock = bench.kernel.spinLock("driver");
    lock.lock();
    bench.assertBug(Rule.SLEEP_IN_ATOMIC, notifier::unregister);
    lock.unlock();
    bench.assertLog();
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");
    notifier.unregister();
  }

  @Test
  void N123_aSecondUnregisterIsReported() {
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    notifier.unregister();
    bench.assertBug(Rule.DOUBLE_FREE, notifier::unregister);
    bench.assertBug(Rule.DOUBLE_FREE, notifier::unregisterNoRelease);
    bench.assertLog("n.release");
    assertEquals(1, bench.mm.mmCount());
  }

  @Test
  void N123_aNotifierThatWasNeverRegisteredCannotBeUnregistered() {
    ListNotifier notifier = bench.core.listNotifier(bench.recorder("n").startOnly());
    bench.assertBug(Rule.NOT_REGISTERED, notifier::unregister);
    bench.assertBug(Rule.NOT_REGISTERED, notifier::unregisterNoRelease);
    bench.assertBug(Rule.NOT_REGISTERED, notifier::put);
  }

  @Test
  void N117_putOfARegisteredNotifierIsReported() {
    ListNotifier notifier = bench.register(bench.recorder("n").startOnly());
    bench.assertBug(Rule.NOT_REGISTERED, notifier::put);
    bench.end(bench.start(0x1000, 0x2000));
    notifier.unregister();
    bench.assertLog("n.start", "n.release");
  }

  @Test
  void N124_unregisterNoReleaseNeitherReleasesNorWaits() {
    ListNotifier notifier = bench.register(stoppingInStart("n").startOnly());
    Background invalidator = startInBackground();

    notifier.unregisterNoRelease();
    bench.core.callSrcu(() -> bench.log().add("srcu callback"));
    assertEquals(1, bench.mm.mmCount());
    bench.end(bench.start(0x1000, 0x2000));
    bench.assertLog("n.start");

    goOn.countDown();
    invalidator.join();
    bench.core.synchronize();
    bench.assertLog("n.returns", "srcu callback");
  }

  @Test
  void N125_aWalkerThatStandsOnAnUnlinkedNotifierGoesOnToTheNext() {
    ListNotifier next = bench.register(bench.recorder("next").startOnly());
    ListNotifier first = bench.register(stoppingInStart("first").startOnly());
    Background invalidator = startInBackground();

    first.unregisterNoRelease();
    goOn.countDown();
    invalidator.join();

    bench.assertLog("first.start", "first.returns", "next.start");
    next.unregister();
  }

  @Test
  void N125_aWalkerDoesNotCallWhatWasUnlinkedAheadOfIt() {
    ListNotifier last = bench.register(bench.recorder("last").startOnly());
    ListNotifier next = bench.register(bench.recorder("next").startOnly());
    ListNotifier first = bench.register(stoppingInStart("first").startOnly());
    Background invalidator = startInBackground();

    next.unregisterNoRelease();
    goOn.countDown();
    invalidator.join();

    bench.assertLog("first.start", "first.returns", "last.start");
    first.unregister();
    last.unregister();
  }

  private ListRecorder stoppingInStart(String name) {
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
        Background.run(
            bench,
            "invalidator",
            () -> {
              var range = bench.range(0x9000, 0xa000);
              bench.core.invalidateRangeStart(range);
              bench.end(range);
            });
    Background.await(entered);
    return task;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of an SRCU domain. */
@Timeout(60)
class SrcuCleanupTest {

  private final BootedKernel kernel = new BootedKernel(KernelOptions.defaults().sites(true));
  private final Srcu srcu = kernel.srcu("object");
  private final Crew crew = new Crew(kernel);
  private final List<String> ran = new ArrayList<>();

  @Test
  void K075_openSectionsOfOthersAreWarnedOfAndStayUsable() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Crew.Member reader =
        crew.go(
            "reader",
            () -> {
              int index = srcu.readLock();
              entered.countDown();
              leave.await();
              srcu.readUnlock(srcu.readLock());
              srcu.readUnlock(index);
            });
    Crew.await(entered);
    srcu.cleanup();
    assertWarned(1, "read section");
    leave.countDown();
    reader.join();
    srcu.cleanup();
    assertEquals(1, kernel.warnCount());
    bug(Rule.USE_AFTER_FREE, srcu::synchronize);
  }

  @Test
  void K075_onesOwnSectionIsWarnedOf() {
    int index = srcu.readLock();
    srcu.cleanup();
    assertWarned(1, "read section");
    assertTrue(srcu.readLockHeld());
    srcu.readUnlock(index);
    srcu.synchronize();
  }

  @Test
  void K075_sectionThatAGracePeriodWaitsForIsWarnedOf() {
    int index = srcu.readLock();
    Crew.Member updater = crew.goAndPark("updater", srcu::synchronize);
    srcu.cleanup();
    assertWarned(1, "read section");
    srcu.readUnlock(index);
    updater.join();
    srcu.cleanup();
    assertEquals(1, kernel.warnCount());
  }

  @Test
  void K075_callbackThatIsReadyButWasNotWaitedForIsWarnedOf() {
    Mutex mutex = kernel.mutex("mutex");
    mutex.lock();
    srcu.call(() -> ran.add("callback"));
    srcu.cleanup();
    assertWarned(1, "1 callbacks");
    assertEquals(List.of(), ran);
    srcu.barrier();
    assertEquals(List.of("callback"), ran);
    srcu.cleanup();
    mutex.unlock();
    assertEquals(1, kernel.warnCount());
  }

  @Test
  void K075_callbackThatIsRunningIsWarnedOf() {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Crew.Member runner =
        crew.go(
            "runner",
            () ->
                srcu.call(
                    () -> {
                      started.countDown();
                      Crew.await(finish);
                    }));
    Crew.await(started);
    srcu.cleanup();
    assertWarned(1, "1 callbacks");
    finish.countDown();
    runner.join();
    srcu.cleanup();
    assertEquals(1, kernel.warnCount());
  }

  @Test
  void K075_callbackThatThrewHasRun() {
    bug(
        Rule.CALLBACK_THREW,
        () ->
            srcu.call(
                () -> {
                  throw new IllegalStateException("broken");
                }));
    srcu.cleanup();
    assertEquals(0, kernel.warnCount());
  }

  @Test
  void K075_afterABarrierNothingIsWarnedOfWhoeverRunsTheCallbacks() {
    for (int i = 0; i < 500; i++) {
      Srcu object = kernel.srcu("object " + i);
      CountDownLatch called = new CountDownLatch(1);
      Crew.Member caller =
          crew.go(
              "caller " + i,
              () -> {
                int index = object.readLock();
                object.call(() -> {});
                called.countDown();
                object.readUnlock(index);
                object.barrier();
              });
      Crew.await(called);
      object.barrier();
      caller.join();
      object.cleanup();
    }
    assertEquals(List.of(), kernel.warnings());
  }

  @Test
  void K076_everyUseAfterCleanupIsABug() {
    srcu.cleanup();
    KernelBug bug = bug(Rule.USE_AFTER_FREE, srcu::readLock);
    String here = SrcuCleanupTest.class.getSimpleName();
    assertMentions(bug, "srcu 'object'", "cleaned up by task", kernel.machine().current(), here);
    bug(Rule.USE_AFTER_FREE, () -> srcu.readUnlock(0));
    bug(Rule.USE_AFTER_FREE, srcu::synchronize);
    bug(Rule.USE_AFTER_FREE, () -> srcu.call(() -> ran.add("callback")));
    bug(Rule.USE_AFTER_FREE, srcu::barrier);
    assertFalse(srcu.readLockHeld());
    assertEquals(List.of(), ran);
    assertEquals(0, kernel.warnCount());
  }

  @Test
  void K076_secondCleanupIsADoubleFree() {
    srcu.cleanup();
    assertMentions(
        bug(Rule.DOUBLE_FREE, srcu::cleanup),
        "srcu 'object'",
        "cleaned up by task",
        SrcuCleanupTest.class.getSimpleName());
  }

  @Test
  void K077_shutdownPassesACleanedUpDomainBy() {
    srcu.cleanup();
    kernel.shutdown();
  }

  @Test
  void K077_kernelKeepsNothingOfACleanedUpDomain() {
    Srcu kept = kernel.srcu("kept");
    WeakReference<Srcu> forgotten = new WeakReference<>(madeAndCleanedUp());
    Crew.until(
        () -> {
          System.gc();
          return forgotten.get() == null;
        });
    kept.synchronize();
  }

  @Test
  void K077_domainThatIsNotCleanedUpIsNoLeakAndItsCallbacksRun() {
    Mutex mutex = kernel.mutex("mutex");
    mutex.lock();
    srcu.call(() -> ran.add("callback"));
    kernel.shutdown();
    assertEquals(List.of("callback"), ran);
    mutex.unlock();
    srcu.synchronize();
  }

  @Test
  void K078_cleanupInAtomicContextIsABug() {
    SpinLock spin = kernel.spinLock("spin");
    spin.lock();
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, srcu::cleanup), "cleanup", "spin");
    spin.unlock();
    srcu.call(() -> bug(Rule.SLEEP_IN_ATOMIC, srcu::cleanup));
    srcu.synchronize();
    srcu.cleanup();
  }

  private Srcu madeAndCleanedUp() {
    Srcu domain = kernel.srcu("forgotten");
    domain.readUnlock(domain.readLock());
    domain.call(() -> {});
    domain.barrier();
    domain.cleanup();
    return domain;
  }

  private void assertWarned(int count, String part) {
    assertEquals(count, kernel.warnCount());
    String message = kernel.warnings().get(count - 1).message();
    assertTrue(message.contains("srcu 'object'") && message.contains(part), message);
  }
}

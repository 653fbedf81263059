// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Step;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/** The start of an invalidation, its failures, and the ranges' validity: P11, P17, P18. */
final class InvalidationCards {

  private InvalidationCards() {}

  /** P11: somebody takes a range off the list while a start goes over it. */
  static void rangesAreWalkedUnderTheirLock(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    scene.rule("I12", "the ranges are read and changed only under ranges_lock");
    Stop walking = scene.stop("B", Step.UNLOCK, "ranges_lock");
    Side changer = scene.other("B", () -> scene.invalidate(4, 5));
    walking.awaitReached();
    Side leaver = scene.other("A", () -> mirror.rangeUnregister(range));
    leaver.mustWait("a range goes away while a start looks at the list");
    walking.go();
    leaver.join();
    changer.join();
  }

  /** A writer waits for mirrors_sem, behind a callback that runs. */
  private static final class BusyMirrors {
    final HmmRange range;
    private final Stop inside;
    private final Side changer;
    private final Side writer;

    BusyMirrors(Scene scene) {
      Scene.Driver driver = scene.driver("a");
      HmmMirror mirror = scene.mirror(driver);
      HmmMirror other = scene.mirror("b");
      range = scene.registered(mirror, 4, 8);
      inside = new Stop(scene);
      driver.onSync =
          update -> {
            if (update.blockable()) {
              inside.here();
            }
            return Errno.OK;
          };
      changer = scene.other("B", () -> scene.invalidate(40, 41));
      inside.awaitReached();
      writer = scene.other("C", other::unregister);
      writer.mustWait("the writer waits for the callback");
      scene.calls.clear();
    }

    void leave() {
      inside.go();
      changer.join();
      writer.join();
    }
  }

  /** P17(c): a start that must not sleep finds mirrors_sem taken. */
  static void failedStartNeverSleeps(Scene scene) {
    BusyMirrors busy = new BusyMirrors(scene);
    AtomicReference<Errno> answer = new AtomicReference<>();
    scene.rule("I23b", "a start that must not block never waits for a lock");
    scene.other("D", () -> answer.set(scene.startNonblock(4, 5))).mustEnd("the start waits");
    assertEquals(Errno.EAGAIN, answer.get());
    busy.leave();
  }

  /** P17(a): the same, and what it leaves behind. */
  static void failedStartLeavesTheCount(Scene scene) {
    BusyMirrors busy = new BusyMirrors(scene);
    scene.rule("I21", "a start that fails leaves notifiers as it was");
    assertEquals(Errno.EAGAIN, scene.startNonblock(4, 5));
    assertEquals(List.of(), scene.calls, "nobody is called without mirrors_sem");
    busy.leave();
    assertTrue(busy.range.valid(), "no invalidation runs any more, but the range stays invalid");
    assertTrue(busy.range.waitUntilValid(0), "and who waits for it waits for ever");
  }

  /** P17(b): a driver answers that it would have to sleep. */
  static void refusalIsNotLost(Scene scene) {
    Scene.Driver driver = scene.driver("a");
    driver.onSync = update -> Errno.EAGAIN;
    scene.mirror(driver);
    scene.mirror("b");
    scene.rule("I23", "a legal EAGAIN of a driver is the answer of the start");
    assertEquals(Errno.EAGAIN, scene.startNonblock(4, 5), "the device still has the pages");
    assertEquals(List.of("sync b", "sync a"), scene.calls);
  }

  /** P17(d): a whole invalidation elsewhere while a callback runs. */
  static void invalidWhileACallbackRuns(Scene scene) {
    Scene.Driver driver = scene.driver("a");
    HmmMirror mirror = scene.mirror(driver);
    HmmRange range = scene.registered(mirror, 4, 8);
    Stop inside = new Stop(scene);
    driver.onSync =
        update -> {
          if (update.start() == range.start()) {
            inside.here();
          }
          return Errno.OK;
        };
    Side first = scene.other("A", () -> scene.invalidate(4, 5));
    inside.awaitReached();
    scene.rule("I25", "a range is not valid while an invalidation of it runs, nor its callback");
    assertFalse(range.valid(), "in the callback");
    scene.other("B", () -> scene.invalidate(40, 41)).join();
    assertFalse(range.valid(), "the end of another invalidation made it valid");
    inside.go();
    first.join();
    scene.rule("I27", "when the last invalidation ends all ranges are valid");
    assertTrue(range.valid());
  }

  /** P18: an invalidation runs between the decision to unregister and the lock. */
  static void unregisterSamplesUnderTheLock(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    scene.rule("I26", "who is told 'valid' may program the device");
    scene.once(Step.LOCK, "ranges_lock", () -> scene.other("B", () -> scene.start(4, 5)).join());
    assertFalse(
        mirror.rangeUnregister(range),
        "called valid, though its invalidation was over before it was unregistered");
    assertEquals(List.of("sync a"), scene.calls);
    scene.end(4, 5);
  }
}

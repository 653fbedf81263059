// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Step;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/** Who keeps a struct hmm, its mm and its mirrors alive: P06, P08, P09, P12, P16. */
final class LifetimeCards {

  /** The text of an invalidation, as the object of a callback step. */
  private static final String INVALIDATION = "MmuNotifierRange";

  private LifetimeCards() {}

  /** P06: between the entry to SRCU and the callback, the last reference goes. */
  static void hmmDiesUnderAStart(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    scene.rule("I01", "an hmm stays in memory as long as a callback may look at it");
    scene.once(
        Step.CALLBACK,
        INVALIDATION,
        () -> {
          scene.other("B", mirror::unregister).join();
          assertEquals(1, scene.live("hmm"), "the hmm was freed under a callback");
        });
    scene.start(4, 5);
    scene.rule("I03", "a callback that finds a dying hmm does nothing and succeeds");
    scene.end(4, 5);
    assertEquals(List.of(), scene.calls);
    assertEquals(List.of(), scene.warnings());
    scene.notifiers.synchronize();
    assertEquals(0, scene.live("hmm"), "the hmm is freed in the end");
  }

  /** P06: the same under an end. */
  static void hmmDiesUnderAnEnd(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    scene.start(4, 5);
    scene.rule("I01", "an hmm stays in memory as long as a callback may look at it");
    scene.once(Step.CALLBACK, INVALIDATION, () -> scene.other("B", mirror::unregister).join());
    scene.end(4, 5);
    scene.notifiers.synchronize();
    assertEquals(0, scene.live("hmm"), "the hmm is freed in the end");
    assertEquals(List.of(), scene.warnings());
  }

  /** P08: the mm exits, then the last mirror goes while a section is open. */
  static void mmOutlivesHmm(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    scene.mm.mmput();
    assertEquals(1, scene.space.exits.get(), "the mm has exited");
    OpenSection section = new OpenSection(scene);
    mirror.unregister();
    scene.rule("I07", "as long as an hmm exists, its mm struct does");
    assertTrue(
        scene.live("hmm") == 0 || scene.space.frees.get() == 0, "the mm was freed before its hmm");
    section.close();
    scene.notifiers.synchronize();
    assertEquals(1, scene.space.frees.get(), "and goes with it");
  }

  /** P09, sequence 1: mm->hmm still points to a dying hmm when a mirror registers. */
  static void dyingHmmIsReplaced(Scene scene) {
    HmmMirror first = scene.mirror("a");
    Stop dying = scene.stop("A", Step.LOCK, "page_table_lock");
    Side leaver = scene.other("A", first::unregister);
    dying.awaitReached();
    scene.rule("I08", "registering on a live mm succeeds, whoever else comes and goes");
    HmmMirror second = scene.hmm.mirror(scene.driver("b"));
    assertEquals(Errno.OK, scene.register(second), "beside a dying hmm");
    dying.go();
    leaver.join();
    scene.notifiers.synchronize();
    scene.rule("I09", "mm->hmm is the live hmm or a dying one");
    assertEquals(1, scene.live("hmm"));
    scene.mirror("c");
    assertEquals(1, scene.live("hmm"), "the dying one cleared the pointer to the fresh one");
  }

  /** P09, sequence 3: the notifier can't be registered. */
  static void nothingIsPublishedThatIsNotRegistered(Scene scene) {
    scene.space.onTakeAllLocks = () -> Errno.EINTR;
    assertEquals(Errno.ENOMEM, scene.register(scene.hmm.mirror(scene.driver("a"))));
    scene.space.onTakeAllLocks = () -> Errno.OK;
    scene.rule("I10", "an hmm that is reachable has its notifier registered");
    scene.mirror("b");
    scene.invalidate(4, 5);
    assertEquals(List.of("sync b"), scene.calls, "the mirror misses invalidations");
  }

  /** P12: the last user leaves while a range is registered. */
  static void rangeKeepsTheMmFromExiting(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    scene.rule("I13", "while a range is registered the mm has a user, so release has not run");
    scene.other("B", scene.mm::mmput).join();
    assertEquals(List.of(), scene.calls, "release ran under a registered range");
    assertEquals(0, scene.space.exits.get(), "the page tables went under a registered range");
    assertTrue(range.valid());
    mirror.rangeUnregister(range);
    assertEquals(List.of("release a"), scene.calls, "the last unregister runs the exit, once");
    assertEquals(List.of(), scene.warnings());
    scene.rule("I13", "no range registers once the last user has gone");
    assertEquals(Errno.EFAULT, mirror.rangeRegister(scene.range(4, 8)));
  }

  /** P16: a mirror unregisters while its release runs. */
  static void unregisterWaitsForRelease(Scene scene) {
    Scene.Driver driver = scene.driver("a");
    Stop inside = new Stop(scene);
    AtomicBoolean released = new AtomicBoolean();
    AtomicReference<Boolean> seen = new AtomicReference<>();
    driver.onRelease =
        mirror -> {
          inside.here();
          released.set(true);
        };
    HmmMirror mirror = scene.mirror(driver);
    Side exiting = scene.other("B", scene.mm::mmput);
    inside.awaitReached();
    scene.rule("I05", "after unregister no callback of the mirror is running or will start");
    Side leaver =
        scene.other(
            "A",
            () -> {
              mirror.unregister();
              seen.set(released.get());
            });
    leaver.mustWait("unregister has to wait for the release of the mirror");
    inside.go();
    leaver.join();
    exiting.join();
    assertTrue(seen.get(), "the release still ran when unregister returned");
    scene.rule("I20", "release runs once");
    assertEquals(List.of("release a"), scene.calls);
  }
}

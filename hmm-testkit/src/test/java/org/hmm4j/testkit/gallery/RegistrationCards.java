// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/** Registering and unregistering, done wrong: P02, P03, P07, P10, P13, P14, P15. */
final class RegistrationCards {

  private RegistrationCards() {}

  /** P02: the old example unregistered the mirror in place of the range. */
  static void mirrorIsNotUnregisteredInPlaceOfItsRange(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    scene.rule("I15", "each register is matched by its own unregister");
    assertEquals(
        Rule.STILL_IN_USE,
        Scene.reported(mirror::unregister, "a mirror that goes before its ranges"));
    mirror.rangeUnregister(range);
    mirror.unregister();
    scene.rule("I19", "when all drivers are done nothing is left");
    scene.notifiers.synchronize();
    assertEquals(0, scene.live("hmm"));
    assertEquals(1, scene.mm.mmUsers());
    assertEquals(1, scene.mm.mmCount());
  }

  /** P02: the new contract of release: after it the device touches no page. */
  static void releaseStopsTheDevice(Scene scene) {
    AtomicBoolean running = new AtomicBoolean(true);
    Scene.Driver driver = scene.driver("a");
    driver.onRelease = mirror -> running.set(false);
    HmmMirror mirror = scene.mirror(driver);
    scene.rule("I57", "all releases have returned before the first page is freed");
    scene.space.onExit = () -> assertFalse(running.get(), "the device still runs");
    scene.mm.mmput();
    assertEquals(1, scene.space.exits.get());
    assertEquals(scene.mm, mirror.mm(), "the mirror is still registered");
    mirror.unregister();
  }

  /** P03: what the error path of a driver finds after a failed register. */
  static void failedRegisterLeavesNothing(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange odd = HmmRange.of(0x1001, 0x2000);
    assertEquals(Errno.EINVAL, mirror.rangeRegister(odd));
    assertDetached(scene, mirror, odd);
    scene.mm.mmput();
    int count = scene.mm.mmCount();
    HmmRange late = scene.range(4, 8);
    assertEquals(Errno.EFAULT, mirror.rangeRegister(late));
    assertDetached(scene, mirror, late);
    assertEquals(count, scene.mm.mmCount(), "and it changed no count");
  }

  private static void assertDetached(Scene scene, HmmMirror mirror, HmmRange range) {
    scene.rule("I14", "a range whose register failed has no hmm");
    assertEquals(
        Rule.NOT_REGISTERED, Scene.reported(range::valid, "a look at a range that is not there"));
    assertEquals(
        Rule.NOT_REGISTERED,
        Scene.reported(() -> mirror.rangeUnregister(range), "an unregister without a register"));
    assertEquals(0, scene.live("hmm_range"));
  }

  /** P07: a range is registered where no mirror is. */
  static void rangeMakesNoHmm(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    mirror.unregister();
    scene.notifiers.synchronize();
    assertEquals(0, scene.live("hmm"));
    scene.rule("I06", "only a mirror makes an hmm");
    scene.mm.mmapLock().writeLock();
    try {
      Scene.reported(() -> mirror.rangeRegister(scene.range(4, 8)), "a range without a mirror");
      assertEquals(0, scene.live("hmm"), "a range made an hmm");
    } finally {
      scene.mm.mmapLock().writeUnlock();
    }
    assertEquals(1, scene.mm.mmUsers());
  }

  /** P10: a wait where sleeping is forbidden, for what is true already. */
  static void waitIsCheckedEvenIfItWouldNotSleep(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    SpinLock lock = scene.kernel.spinLock("driver");
    scene.rule("I18", "what may sleep is checked even when it would not");
    lock.lock();
    try {
      assertEquals(
          Rule.SLEEP_IN_ATOMIC,
          Scene.reported(() -> range.waitUntilValid(0), "a wait under a spin lock"));
    } finally {
      lock.unlock();
    }
    scene.rule("I11", "a wait changes nothing");
    scene.start(4, 5);
    assertFalse(range.waitUntilValid(0));
    scene.end(4, 5);
    assertTrue(range.waitUntilValid(0));
  }

  /** P13: a mirror registers without the lock, while nobody else is there. */
  static void registerAssertsTheLock(Scene scene) {
    HmmMirror mirror = scene.hmm.mirror(scene.driver("a"));
    scene.rule("I17", "a lock that is needed is asserted, also when no race happens");
    assertEquals(
        Rule.LOCK_NOT_HELD,
        Scene.reported(() -> mirror.register(scene.mm), "registering without the mmap lock"));
    scene.mm.mmapLock().readLock();
    try {
      assertEquals(
          Rule.LOCK_NOT_HELD,
          Scene.reported(() -> mirror.register(scene.mm), "registering under the read lock"));
    } finally {
      scene.mm.mmapLock().readUnlock();
    }
    assertEquals(0, scene.live("hmm"));
  }

  /** P14: a mirror goes twice while another one uses the same hmm. */
  static void secondUnregisterIsReported(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    scene.mirror("b");
    mirror.unregister();
    scene.rule("I15", "one unregister for each register, and never silently more");
    Scene.reported(mirror::unregister, "a second unregister of a mirror");
    scene.invalidate(4, 5);
    assertEquals(List.of("sync b"), scene.calls, "the other mirror lost its hmm");
    assertEquals(1, scene.live("hmm"));
  }

  /** P15: a range is used after it went. */
  static void rangeIsPoisoned(Scene scene) {
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 8);
    mirror.rangeUnregister(range);
    scene.rule("I15", "a second unregister of a range, and its use, are reported");
    Scene.reported(() -> mirror.rangeUnregister(range), "a second unregister of a range");
    assertEquals(Rule.USE_AFTER_FREE, Scene.reported(range::valid, "the use of a dead range"));
    assertEquals(1, scene.mm.mmUsers(), "and no reference is given back twice");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.function.Consumer;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** What drivers do wrong, and what must be reported for it. */
final class Misuses {

  private Misuses() {}

  private static Operation<Stage> onMirror(
      String what, String name, Consumer<MirrorDevice> action) {
    return new Operation<>(what + " " + name, stage -> action.accept(stage.mirror(name)));
  }

  /** I14: a range whose registration failed is as it was. */
  static Operation<Stage> registerOddRange(String mirror) {
    return onMirror(
        "register half a page of mirror",
        mirror,
        device -> {
          if (device.isOpen()) {
            HmmRange odd = HmmRange.of(Stage.address(0) + 1, Stage.address(1));
            Errno errno = device.mirror.rangeRegister(odd);
            RuleBrokenError.unless(errno == Errno.EINVAL, "I14", "half a page answers " + errno);
            Stage.mustBeReported("I14", "a look at a range that is not there", odd::valid);
          }
        });
  }

  /** I06: a range makes no hmm. */
  static Operation<Stage> registerRangeWithoutMirror(String mirror) {
    return onMirror(
        "register a range of the unregistered mirror",
        mirror,
        device -> {
          Stage stage = device.stage;
          if (device.isOpen() || device.mirror.mm() != null) {
            return;
          }
          long before = stage.live("hmm");
          stage.mm.mmapLock().writeLock();
          try {
            Stage.mustBeReported(
                "I06",
                "a range without a mirror",
                () -> device.mirror.rangeRegister(Want.read(0).range()));
            RuleBrokenError.unless(stage.live("hmm") <= before, "I06", "a range made an hmm");
          } finally {
            stage.mm.mmapLock().writeUnlock();
          }
        });
  }

  /** I18: what may sleep is checked even when it would not. */
  static Operation<Stage> waitUnderSpinLock(String mirror) {
    return onMirror(
        "wait under a spin lock for a range of mirror",
        mirror,
        device -> {
          for (HmmRange range : device.kept()) {
            SpinLock lock = device.stage.kernel.spinLock("a driver's spin lock");
            lock.lock();
            try {
              Stage.mustBeReported(
                  "I18", "a wait under a spin lock", () -> range.waitUntilValid(0));
            } finally {
              lock.unlock();
            }
          }
        });
  }

  /** I15: of several who unregister a mirror, all but one are told so. */
  static Operation<Stage> unregisterCarelessly(String mirror) {
    return onMirror(
        "unregister, though somebody else may, mirror", mirror, MirrorDevice::closeCarelessly);
  }

  /** I15: the same for a range. */
  static Operation<Stage> unregisterRangeCarelessly(String mirror) {
    return onMirror(
        "unregister, though somebody else may, the range of mirror",
        mirror,
        MirrorDevice::unregisterCarelessly);
  }

  /** I37: an interval is inserted by somebody who does not know that the mm has a user. */
  static Operation<Stage> insertCarelessly(String interval) {
    return new Operation<>(
        "insert, though the mm may have exited, interval " + interval,
        stage -> {
          stage.world.mayWarn();
          stage.interval(interval).openCarelessly();
        });
  }
}

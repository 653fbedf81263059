// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.function.Consumer;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** What drivers do, all of it right. Devices are named; one that is not open does nothing. */
final class DeviceOperations {

  private DeviceOperations() {}

  private static Operation<Stage> mirror(String what, String name, Consumer<MirrorDevice> action) {
    return new Operation<>(what, stage -> action.accept(stage.mirror(name)));
  }

  private static Operation<Stage> interval(
      String what, String name, Consumer<IntervalDevice> action) {
    return new Operation<>(what, stage -> action.accept(stage.interval(name)));
  }

  static Operation<Stage> register(String mirror) {
    return mirror("register mirror " + mirror, mirror, MirrorDevice::open);
  }

  /** I07 may be looked at whenever a mirror has gone. */
  static Operation<Stage> unregister(String mirror) {
    return new Operation<>(
        "unregister mirror " + mirror,
        stage -> {
          stage.mirror(mirror).close();
          stage.checkHmmHoldsMm();
        });
  }

  static Operation<Stage> slow(String mirror, long millis) {
    return mirror(
        "callbacks of mirror %s take %d ms".formatted(mirror, millis),
        mirror,
        device -> device.slow(millis));
  }

  /** Registers a range over a page and keeps it. */
  static Operation<Stage> registerRange(String mirror, int page) {
    return new Operation<>(
        "register range %d of mirror %s".formatted(page, mirror),
        stage -> {
          MirrorDevice device = stage.mirror(mirror);
          if (stage.has(page) && device.isOpen()) {
            device.register(Want.read(page).range());
          }
        });
  }

  static Operation<Stage> fault(String mirror, Want want) {
    return new Operation<>(
        "fault %s of mirror %s".formatted(want, mirror),
        stage -> {
          if (fits(stage, want)) {
            stage.mirror(mirror).fault(want);
          }
        });
  }

  static Operation<Stage> trust(String mirror, int page) {
    return new Operation<>(
        "register and unregister range %d of mirror %s".formatted(page, mirror),
        stage -> {
          if (stage.has(page)) {
            stage.mirror(mirror).trust(page);
          }
        });
  }

  static Operation<Stage> nouveau(String mirror, int page) {
    return new Operation<>(
        "nouveau faults %d of mirror %s".formatted(page, mirror),
        stage -> {
          if (stage.has(page)) {
            stage.mirror(mirror).nouveau(Want.read(page).range());
          }
        });
  }

  /** A range that does not begin at a page border. */
  static Operation<Stage> nouveauOdd(String mirror) {
    return mirror(
        "nouveau faults half a page of mirror " + mirror,
        mirror,
        device -> device.nouveau(HmmRange.of(Stage.address(0) + 1, Stage.address(1))));
  }

  static Operation<Stage> insert(String interval) {
    return interval("insert interval " + interval, interval, IntervalDevice::open);
  }

  static Operation<Stage> remove(String interval) {
    return interval("remove interval " + interval, interval, IntervalDevice::close);
  }

  static Operation<Stage> readBegin(String interval) {
    return interval("read_begin of interval " + interval, interval, IntervalDevice::read);
  }

  static Operation<Stage> rangeFault(String interval, Want want) {
    return new Operation<>(
        "fault %s of interval %s".formatted(want, interval),
        stage -> {
          if (fits(stage, want)) {
            stage.asUser(() -> stage.interval(interval).fault(want));
          }
        });
  }

  /**
   * Whether the answer that is wanted can be the right one. A page that is asked for alone needs a
   * table: else the whole block is faulted in. And what is forbidden has to be.
   */
  private static boolean fits(Stage stage, Want want) {
    long table = stage.process.pageTables().pmd(Stage.address(want.first()));
    boolean alone = want.firstRequested() != want.first() && want.mayFault();
    return stage.has(want.first() + want.entries().length - 1)
        && (!alone || Pte.kind(table) == Pte.TABLE)
        && (want.answer() != Errno.EPERM || stage.isReadOnly(want.first()));
  }

  static Operation<Stage> counting(String notifier) {
    return new Operation<>(
        "register notifier " + notifier, stage -> ListDevice.counting(stage, notifier).open());
  }

  static Operation<Stage> refusing(String notifier) {
    return new Operation<>(
        "register notifier %s, which refuses".formatted(notifier),
        stage -> ListDevice.refusing(stage, notifier).open());
  }

  static Operation<Stage> anotherProcess() {
    return new Operation<>("another process", ElsewhereDevice::of);
  }

  static Operation<Stage> elsewhere() {
    return new Operation<>(
        "invalidate another process", stage -> ElsewhereDevice.of(stage).invalidate());
  }

  /** I16: the mmap lock is dropped if, and only if, the answer says so. */
  static Operation<Stage> faultAllowRetry(String mirror, int page) {
    return new Operation<>(
        "fault %d of mirror %s, allow retry".formatted(page, mirror),
        stage -> {
          MirrorDevice device = stage.mirror(mirror);
          HmmRange range = Want.read(page).range();
          if (!stage.has(page) || !device.isOpen() || !device.register(range)) {
            return;
          }
          stage.mm.mmapLock().readLock();
          Errno errno = device.mirror.rangeFaultAllowRetry(range);
          boolean held = stage.mm.mmapLock().isHeld();
          RuleBrokenError.unless(
              held == (errno != Errno.EAGAIN), "I16", errno + ", mmap lock held: " + held);
          if (held) {
            stage.mm.mmapLock().readUnlock();
          }
          device.unregister(range);
        });
  }
}

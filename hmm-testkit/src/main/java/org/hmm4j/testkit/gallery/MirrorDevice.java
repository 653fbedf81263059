// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.testkit.sim.RuleBrokenError;

/**
 * A device on the mirror API, and what its driver knows for sure: which ranges are registered from
 * the return of the one call to the beginning of the other, and that its mirror has gone.
 */
final class MirrorDevice implements HmmMirrorOps, StageDevice {

  private static final int TRIES = 3;
  private static final long PATIENCE_MILLIS = 10_000;

  final Stage stage;
  final HmmMirror mirror;
  private final String name;
  private final DeviceTable table;
  private final RangeLedger ranges = new RangeLedger();
  private boolean open;
  private boolean gone;
  private int releases;
  private long slowness;

  // Guarded by table.lock.
  private long invalidations;

  /** The range that several tasks unregister, and how often they have, and were not told. */
  private HmmRange shared;

  private int unregistrations;
  private int silent;

  MirrorDevice(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
    this.mirror = stage.hmm.mirror(this);
    this.table = new DeviceTable(stage.kernel, stage.process, name);
  }

  boolean isOpen() {
    return open;
  }

  /** From now on a callback takes so long. */
  void slow(long millis) {
    slowness = millis;
  }

  /** I08: only a lack of memory, which there is none of here, makes a registration fail. */
  void open() {
    if (open) {
      return;
    }
    open = true;
    stage.asUser(
        () -> {
          stage.mm.mmapLock().writeLock();
          try {
            Errno errno = mirror.register(stage.mm);
            RuleBrokenError.unless(
                errno == Errno.OK, "I08", "mirror " + name + " answers " + errno);
            gone = false;
          } finally {
            stage.mm.mmapLock().writeUnlock();
          }
        });
    open = mirror.mm() != null;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      kept().forEach(this::unregister);
      mirror.unregister();
      gone = true;
      table.dropAll();
    }
  }

  @Override
  public Errno syncCpuDevicePagetables(HmmMirror which, HmmUpdate update) {
    checkCallback(update);
    if (!table.lockForCallback(update.blockable())) {
      stage.noteRefusal();
      return Errno.EAGAIN;
    }
    try {
      invalidations++;
      table.drop(update.start(), update.end());
    } finally {
      table.lock.unlock();
    }
    if (slowness > 0 && update.blockable()) {
      stage.kernel.waitQueue("a slow device").waitEventTimeout(() -> false, slowness);
    }
    checkCallback(update);
    return Errno.OK;
  }

  /** I05 and I25, which hold all the time that a callback runs. */
  private void checkCallback(HmmUpdate update) {
    checkNotGone();
    ranges.check(update, stage);
  }

  private void checkNotGone() {
    RuleBrokenError.unless(
        !gone, "I05", "a callback of " + name + " runs after its unregistration");
  }

  @Override
  public void release(HmmMirror which) {
    checkNotGone();
    RuleBrokenError.unless(ranges.isEmpty(), "I13", "the mm exits while a range is registered");
    releases++;
    RuleBrokenError.unless(releases == 1, "I20", name + " is released " + releases + " times");
    table.dropAll();
    checkNotGone();
  }

  /** From here on a range may become valid again. */
  @Override
  public void beforeEnd() {
    ranges.beforeEnd();
  }

  /** Registers a range and keeps it; EFAULT is right only if the mm has exited. */
  boolean register(HmmRange range) {
    Errno errno = mirror.rangeRegister(range);
    RuleBrokenError.unless(
        errno == Errno.OK || (errno == Errno.EFAULT && stage.mm.mmUsers() == 0),
        "I14",
        range + " can't be registered: " + errno);
    if (errno == Errno.OK) {
      ranges.add(range);
    }
    return errno == Errno.OK;
  }

  boolean unregister(HmmRange range) {
    ranges.remove(range);
    return mirror.rangeUnregister(range);
  }

  @Override
  public int keptRanges() {
    return kept().size();
  }

  /** The ranges that are registered. */
  List<HmmRange> kept() {
    return ranges.registered();
  }

  /** Faults and maps, as a driver does it that counts invalidations to close the ABA hole. */
  void fault(Want want) {
    HmmRange range = want.range();
    if (!open || !register(range)) {
      return;
    }
    try {
      for (int i = 0; i < TRIES; i++) {
        long before = invalidations();
        if (range.waitUntilValid(PATIENCE_MILLIS) && walk(range, want) && map(range, before)) {
          return;
        }
      }
    } finally {
      unregister(range);
    }
  }

  /** I16: with block, which this is, the mmap lock is never dropped. */
  private boolean walk(HmmRange range, Want want) {
    want.fill(range);
    stage.faults.expect(want);
    stage.mm.mmapLock().readLock();
    Errno errno;
    boolean held;
    try {
      errno = mirror.rangeFault(range);
    } finally {
      held = stage.mm.mmapLock().isHeld();
      if (held) {
        stage.mm.mmapLock().readUnlock();
      }
    }
    RuleBrokenError.unless(held, "I16", errno + ", and the mmap lock was dropped");
    if (errno == Errno.EBUSY) {
      return false;
    }
    if (errno == Errno.EFAULT && stage.isDying()) {
      return false;
    }
    RuleBrokenError.unless(errno == want.answer(), want.rule(), "answered " + errno);
    if (errno == Errno.OK) {
      want.checkAnswered(range);
    }
    return errno == Errno.OK;
  }

  private long invalidations() {
    table.lock.lock();
    try {
      return invalidations;
    } finally {
      table.lock.unlock();
    }
  }

  private boolean map(HmmRange range, long before) {
    table.lock.lock();
    try {
      if (!range.valid() || invalidations != before) {
        return false;
      }
      table.map(range, "I26");
      return true;
    } finally {
      table.lock.unlock();
    }
  }

  /** I26: who is told at the unregistration that the range was valid may believe it. */
  void trust(int page) {
    HmmRange range = Want.read(page).range();
    if (!open || !register(range)) {
      return;
    }
    ranges.trust(range);
    boolean valid = unregister(range);
    ranges.checkTrust(valid);
  }

  /** I16: through nouveau's wrapper, which leaves the lock to the caller only after success. */
  void nouveau(HmmRange range) {
    if (!open) {
      return;
    }
    range.pfns()[0] = HmmPfn.REQ_FAULT;
    stage.asUser(
        () -> {
          long before = invalidations();
          stage.mm.mmapLock().readLock();
          try {
            Errno errno = stage.nouveau.fault(mirror, range, true);
            boolean held = stage.mm.mmapLock().isHeld();
            RuleBrokenError.unless(
                held == (errno == Errno.OK), "I16", errno + ", mmap lock held: " + held);
            if (held) {
              map(range, before);
              mirror.rangeUnregister(range);
            }
          } finally {
            if (stage.mm.mmapLock().isHeld()) {
              stage.mm.mmapLock().readUnlock();
            }
          }
        });
  }

  /** Unregisters without looking whether somebody else has done so. */
  void closeCarelessly() {
    if (open || unregistrations > 0) {
      open = false;
      count(mirror::unregister);
    }
  }

  /** The same for the range that is kept. */
  void unregisterCarelessly() {
    for (HmmRange range : shared == null ? kept() : List.of(shared)) {
      shared = range;
      ranges.remove(range);
      count(() -> mirror.rangeUnregister(range));
    }
  }

  private void count(Runnable unregister) {
    unregistrations++;
    try {
      unregister.run();
      silent++;
    } catch (KernelBug reported) {
      // As it has to be for all but one.
    }
  }

  /** I26, and I21 with I27: a range that is new when nothing runs is valid. */
  @Override
  public void checkAtRest() {
    RuleBrokenError.unless(
        silent == Math.min(1, unregistrations),
        "I15",
        "%d of %d unregistrations were not reported".formatted(silent, unregistrations));
    if (!open) {
      return;
    }
    table.checkCoherent();
    HmmRange fresh = Want.read(0).range();
    if (register(fresh)) {
      boolean valid = fresh.valid();
      unregister(fresh);
      RuleBrokenError.unless(valid, "I21", "no invalidation runs, and a range is invalid");
    }
  }
}

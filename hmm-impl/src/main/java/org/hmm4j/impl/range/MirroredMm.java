// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.ArrayDeque;
import org.hmm4j.impl.kernel.Failures;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.impl.notifier.ListNotifier;
import org.hmm4j.impl.notifier.SelfUnwindingOps;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.trace.Tracer;

/**
 * {@code struct hmm}, one for each mm that is mirrored: mm/hmm.c, v5.3.
 *
 * <p>Lives as long as there is a mirror, a range or a running callback that holds a reference. When
 * the last goes it is unlinked at once, but stays in memory until the callbacks that may still look
 * at it are through: an SRCU callback frees it. It keeps its mm in memory all that time.
 */
final class MirroredMm implements SelfUnwindingOps {

  private final HmmCore core;
  private final CountedMm mm;
  private final Allocation allocation;
  private final Kref kref;
  private final ListNotifier notifier;
  private final TrackedRanges ranges;
  private final RwSemaphore mirrorsSem;

  /** The newest first. */
  @GuardedBy("mirrorsSem")
  private final ArrayDeque<Mirror> mirrors = new ArrayDeque<>();

  private MirroredMm(HmmCore core, CountedMm mm, Allocation allocation) {
    this.core = core;
    this.mm = mm;
    this.allocation = allocation;
    this.kref = core.kernel().kref("hmm", this::free);
    this.notifier = core.notifiers().listNotifier(this);
    this.ranges = new TrackedRanges(core.kernel(), mm);
    this.mirrorsSem = core.kernel().rwSemaphore("hmm->mirrors_sem");
  }

  /**
   * Finds the hmm of an mm or makes one, and takes a reference: {@code hmm_get_or_create}. Context:
   * mmap lock held for write, so nobody else creates one; what {@code mm->hmm} may still point to
   * is dying. Published only when nothing can fail any more.
   *
   * @return the hmm, or null if it could not be made
   */
  static MirroredMm getOrCreate(HmmCore core, CountedMm mm) {
    mm.mmapLock().assertHeldWrite();
    mm.pageTableLock().lock();
    try {
      if (mm.hmm() instanceof MirroredMm known && known.kref.getUnlessZero()) {
        return known;
      }
    } finally {
      mm.pageTableLock().unlock();
    }
    Allocation allocation = core.kernel().allocations().allocate("hmm");
    if (allocation == null) {
      return null;
    }
    MirroredMm fresh = new MirroredMm(core, mm, allocation);
    boolean registered = false;
    try {
      registered = fresh.notifier.registerLocked(mm) == Errno.OK;
    } finally {
      if (!registered) {
        allocation.free();
      }
    }
    if (!registered) {
      return null;
    }
    mm.mmgrab();
    mm.pageTableLock().lock();
    try {
      mm.hmm(fresh);
    } finally {
      mm.pageTableLock().unlock();
    }
    return fresh;
  }

  /** {@code hmm_free}: the last reference is gone. Any context, so no mmap lock. */
  private void free() {
    mm.pageTableLock().lock();
    try {
      if (mm.hmm() == this) {
        mm.hmm(null);
      }
    } finally {
      mm.pageTableLock().unlock();
    }
    notifier.unregisterNoRelease();
    core.notifiers().callSrcu(this::freeAfterGracePeriod);
  }

  private void freeAfterGracePeriod() {
    allocation.free();
    mm.mmdrop();
  }

  CountedMm mm() {
    return mm;
  }

  Tracer tracer() {
    return core.kernel().tracer();
  }

  TrackedRanges ranges() {
    return ranges;
  }

  void put() {
    kref.put();
  }

  void add(Mirror mirror) {
    mirrorsSem.writeLock();
    try {
      mirrors.addFirst(mirror);
    } finally {
      mirrorsSem.writeUnlock();
    }
  }

  /** After this no callback of the mirror runs: the write lock has waited for them. */
  void remove(Mirror mirror) {
    mirrorsSem.writeLock();
    try {
      ranges.retire(mirror);
      mirrors.remove(mirror);
    } finally {
      mirrorsSem.writeUnlock();
    }
  }

  /** Registers a range, which takes a reference of its own. */
  void add(Mirror mirror, HmmRange range) {
    Allocation record = core.kernel().allocations().track("hmm_range");
    kref.get();
    boolean added = false;
    try {
      ranges.add(new RegisteredRange(mirror, this, range, record));
      added = true;
    } finally {
      if (!added) {
        record.free();
        kref.put();
      }
    }
  }

  boolean waitUntilValid(RegisteredRange range, long timeoutMillis) {
    return ranges.waitUntilValid(range, timeoutMillis);
  }

  /** {@code hmm_release}: the lock is kept so that no mirror goes away under its own callback. */
  @Override
  public void release(MmuNotifier subscription, MmStruct exiting) {
    allocation.check();
    if (!kref.getUnlessZero()) {
      return;
    }
    Failures failures = new Failures();
    try {
      if (!ranges.isEmpty()) {
        core.kernel().warn("an mm exits while ranges of it are registered");
      }
      mirrorsSem.readLock();
      try {
        for (Mirror mirror : mirrors) {
          release(mirror, failures);
        }
      } finally {
        mirrorsSem.readUnlock();
      }
    } finally {
      kref.put();
    }
    failures.throwIfAny();
  }

  private static void release(Mirror mirror, Failures failures) {
    mirror.callbackEntered("release");
    try {
      mirror.ops().release(mirror);
    } catch (RuntimeException | Error thrown) {
      failures.add(mirror, thrown);
    } finally {
      mirror.callbackLeft("release");
    }
  }

  /** {@code hmm_invalidate_range_start}; what fails here has undone itself. */
  @Override
  public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
    allocation.check();
    if (!kref.getUnlessZero()) {
      return Errno.OK;
    }
    boolean begun = false;
    // Raised before the callbacks and kept up through them: otherwise another invalidation that
    // ends
    // meanwhile would make the ranges valid.
    ranges.invalidate(range.start(), range.end());
    try {
      Errno errno = syncAll(range);
      begun = errno == Errno.OK;
      return errno;
    } finally {
      if (!begun) {
        ranges.notifiersDecrement();
      }
      kref.put();
    }
  }

  private Errno syncAll(MmuNotifierRange range) {
    if (range.blockable()) {
      mirrorsSem.readLock();
    } else if (!mirrorsSem.readTryLock()) {
      return Errno.EAGAIN;
    }
    Failures failures = new Failures();
    Errno errno = Errno.OK;
    try {
      HmmUpdate update =
          new HmmUpdate(
              range.start(), range.end(), range.blockable(), range.event(), range.owner());
      for (Mirror mirror : mirrors) {
        if (!sync(mirror, update, failures)) {
          errno = Errno.EAGAIN;
          break;
        }
      }
    } finally {
      mirrorsSem.readUnlock();
    }
    failures.throwIfAny();
    return errno;
  }

  /** Returns false if the mirror would have to sleep where it must not. */
  private boolean sync(Mirror mirror, HmmUpdate update, Failures failures) {
    Errno errno;
    mirror.callbackEntered("syncCpuDevicePagetables");
    try {
      errno = mirror.ops().syncCpuDevicePagetables(mirror, update);
    } catch (RuntimeException | Error thrown) {
      failures.add(mirror, thrown);
      return true;
    } finally {
      mirror.callbackLeft("syncCpuDevicePagetables");
    }
    if (errno == Errno.OK) {
      return true;
    }
    if (!update.blockable() && errno == Errno.EAGAIN) {
      return false;
    }
    core.kernel().warn(mirror + " answered " + errno + " to " + update);
    return true;
  }

  /** {@code hmm_invalidate_range_end}. */
  @Override
  public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
    allocation.check();
    if (kref.getUnlessZero()) {
      try {
        ranges.notifiersDecrement();
      } finally {
        kref.put();
      }
    }
  }
}

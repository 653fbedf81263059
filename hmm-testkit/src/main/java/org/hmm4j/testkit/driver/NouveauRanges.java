// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Function;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/**
 * The convenient fault of nouveau: {@code nouveau_range_fault} and {@code nouveau_range_done},
 * drivers/gpu/drm/nouveau/nouveau_svm.c, with patches 18 to 21 of the series of July 2019.
 *
 * <p>It registers the range, waits until no invalidation runs, and faults. Entered with the mmap
 * lock held for read; who still has the lock afterwards depends only on success:
 *
 * <pre>
 * what happened                        answer             mmap lock      range
 * registration failed                  EINVAL, EFAULT     released here  never registered
 * no rest for a second                 EBUSY              released here  unregistered here
 * invalidated while faulting           EBUSY              released here  unregistered here
 * the fault handler dropped the lock   EAGAIN             released there unregistered here
 * any other error of the fault         EPERM, EFAULT      released here  unregistered here
 * success                              OK                 held           registered
 * </pre>
 *
 * <p>So after anything but {@link Errno#OK} the lock was released exactly once, and the caller
 * unlocks only after success. Nouveau never unregistered the range when the time was up, so that
 * the range, on a stack that was gone, stayed on the list and kept the address space alive; this
 * one does. It takes the lock from the mirror: nouveau took it from the range, which has none when
 * registration fails.
 */
public final class NouveauRanges {

  /** {@code HMM_RANGE_DEFAULT_TIMEOUT}, include/linux/hmm.h, v5.3: a second. */
  public static final long TIMEOUT_MILLIS = 1000;

  private static final long ALL_ONES = -1L;

  private NouveauRanges() {}

  /**
   * Answers a range whose entries hold the requests, and leaves it registered: {@code
   * nouveau_range_fault} with block = true. Sets {@link HmmRange#defaultFlags} to 0 and {@link
   * HmmRange#pfnFlagsMask} to all bits. Context: mmap lock held for read, not the driver's lock;
   * another user of the address space held; may sleep.
   *
   * @param mirror a registered mirror
   * @param range a range that is not registered
   * @return {@link Errno#OK}: mmap lock held, to be followed by {@link #done}. Otherwise the lock
   *     was released and the range is not registered: {@link Errno#EINVAL}, {@link Errno#EFAULT},
   *     {@link Errno#EBUSY}, {@link Errno#EPERM} as in the table above
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if the mirror is not registered or the
   *     range already is, {@link KernelBug.Rule#LOCK_NOT_HELD} without the mmap lock: nothing
   *     changes. What the fault throws leaves the lock released and the range not registered
   */
  public static Errno fault(HmmMirror mirror, HmmRange range) {
    return fault(mirror, range, mirror::rangeFault);
  }

  /**
   * As {@link #fault}, but a fault may drop the mmap lock: {@code nouveau_range_fault} with block =
   * false.
   *
   * @param mirror a registered mirror
   * @param range a range that is not registered
   * @return as {@link #fault}; or {@link Errno#EAGAIN} if the fault handler has dropped the lock
   * @throws KernelBug as {@link #fault}
   */
  public static Errno faultAllowRetry(HmmMirror mirror, HmmRange range) {
    return fault(mirror, range, mirror::rangeFaultAllowRetry);
  }

  private static Errno fault(HmmMirror mirror, HmmRange range, Function<HmmRange, Errno> walk) {
    MmStruct mm = mirror.mm();
    if (mm == null) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, mirror + " is not registered");
    }
    RwSemaphore mmapLock = mm.mmapLock();
    mmapLock.assertHeld();
    range.defaultFlags(0).pfnFlagsMask(ALL_ONES);
    Errno errno = mirror.rangeRegister(range);
    if (errno != Errno.OK) {
      mmapLock.readUnlock();
      return errno;
    }
    errno = null; // And stays so if something throws.
    try {
      errno = range.waitUntilValid(TIMEOUT_MILLIS) ? walk.apply(range) : Errno.EBUSY;
      return errno;
    } finally {
      if (errno != Errno.OK) {
        if (isStillHeld(mmapLock, errno)) {
          mmapLock.readUnlock();
        }
        // Last, without the lock: it may have been the last user of the address space.
        mirror.rangeUnregister(range);
      }
    }
  }

  /** An answer says it; after an exception one has to look. */
  private static boolean isStillHeld(RwSemaphore mmapLock, Errno errno) {
    return errno == null ? mmapLock.isHeld() : errno != Errno.EAGAIN;
  }

  /**
   * Asks whether the answers of a successful fault still hold, and unregisters the range: {@code
   * nouveau_range_done}, which patch 18 turned into {@code hmm_range_unregister}. Context: the
   * driver's lock held, the one that its callback takes; with another user of the address space
   * held, so that its exit does not run here, the mmap lock may be held too.
   *
   * @param mirror the mirror
   * @param range a range that {@link #fault} has left registered
   * @return true if no invalidation of it is running: what is programmed before the driver's lock
   *     is released will be torn down by a callback that waits for that lock
   * @throws KernelBug as {@link HmmMirror#rangeUnregister}
   */
  public static boolean done(HmmMirror mirror, HmmRange range) {
    return mirror.rangeUnregister(range);
  }
}

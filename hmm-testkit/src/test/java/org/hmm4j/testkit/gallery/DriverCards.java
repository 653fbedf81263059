// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.range.DmaDevice;
import org.hmm4j.range.DmaDirection;
import org.hmm4j.range.DmaResult;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** What a driver does with the mirror API: P20, P21, P22, X15. */
final class DriverCards {

  private DriverCards() {}

  /** A range of which the first page is asked for. */
  private static HmmRange wanted(Scene scene, long firstPage, long endPage, long request) {
    HmmRange range = scene.range(firstPage, endPage);
    range.pfns()[0] = request;
    return range;
  }

  private static HmmMirror mirrored(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.NONE);
    scene.machine.timeFlies();
    return scene.mirror("a");
  }

  /** P20: nouveau's wait is over without success. */
  static void timeOutUnregisters(Scene scene) {
    HmmMirror mirror = mirrored(scene);
    scene.start(4, 5);
    HmmRange range = wanted(scene, 4, 5, HmmPfn.REQ_FAULT);
    scene.mm.mmapLock().readLock();
    assertEquals(Errno.EBUSY, scene.subject.nouveau().fault(mirror, range, true));
    scene.end(4, 5);
    scene.rule("I19", "a register is matched on every path");
    assertEquals(0, scene.live("hmm_range"), "the range of a caller that is gone is on the list");
    assertEquals(1, scene.mm.mmUsers(), "and keeps the mm alive");
  }

  /** A row of the table of P21: what comes back, and whether the caller has to unlock. */
  private static void row(Scene scene, String what, Errno answer, HmmRange range, boolean block) {
    HmmMirror mirror = scene.mirror("m");
    scene.rule("I16", "nouveau's lock is released once, here or by the caller, as its answer says");
    scene.mm.mmapLock().readLock();
    Errno errno = scene.subject.nouveau().fault(mirror, range, block);
    boolean held = scene.mm.mmapLock().isHeld();
    assertEquals(errno == Errno.OK, held, what + " answered " + errno + ", lock held");
    if (held) {
      mirror.rangeUnregister(range);
      scene.mm.mmapLock().readUnlock();
    }
    assertEquals(answer == Errno.OK, errno == Errno.OK, what + " answered " + errno);
  }

  /** P21: success, and the faults that fail. */
  static void lockIsReleasedOnEveryError(Scene scene) {
    mirrored(scene);
    row(scene, "success", Errno.OK, wanted(scene, 4, 5, HmmPfn.REQ_FAULT), true);
    scene.tables.pte(4, Pte.NONE);
    scene.space.handler = (vma, page, flags) -> VmFault.SIGBUS;
    row(scene, "fault", Errno.EFAULT, wanted(scene, 4, 5, HmmPfn.REQ_FAULT), true);
  }

  /** P21: a failed register. That the path to the answer crashes is the bug of X15. */
  static void lockIsReleasedWhenRegisterFails(Scene scene) {
    mirrored(scene);
    HmmRange range = HmmRange.of(0x1001, 0x2000);
    leaving(Rule.NOT_REGISTERED, () -> row(scene, "register", Errno.EINVAL, range, true));
  }

  /** Leaves a crash to another card; a card for an answer has nothing to say without one. */
  private static void leaving(Rule crash, Runnable rows) {
    try {
      rows.run();
    } catch (KernelBug bug) {
      if (bug.rule() != crash) {
        throw bug;
      }
    }
  }

  /** P21: the fault has dropped the lock. That somebody walks on then is the bug of X14. */
  static void lockIsNotReleasedTwice(Scene scene) {
    mirrored(scene);
    scene.space.handler =
        (vma, page, flags) -> {
          if ((flags & FaultFlags.ALLOW_RETRY) == 0) {
            return scene.space.map(vma, page, flags);
          }
          scene.mm.mmapLock().readUnlock();
          return VmFault.RETRY;
        };
    HmmRange range = wanted(scene, 4, 5, HmmPfn.REQ_FAULT);
    leaving(Rule.LOCK_NOT_HELD, () -> row(scene, "dropped", Errno.EAGAIN, range, false));
  }

  /** P21: the busy ones. */
  static void lockIsReleasedWhenBusy(Scene scene) {
    mirrored(scene);
    scene.start(4, 5);
    row(scene, "time-out", Errno.EBUSY, wanted(scene, 4, 5, HmmPfn.REQ_FAULT), true);
    scene.end(4, 5);
    scene.space.handler =
        (vma, page, flags) -> {
          scene.start(4, 5);
          return 0;
        };
    row(scene, "invalidated", Errno.EBUSY, wanted(scene, 4, 5, HmmPfn.REQ_FAULT), true);
    scene.end(4, 5);
  }

  /** P22: what has no page decodes to none, for whoever asks. */
  static void nothingIsNoPage(Scene scene) {
    scene.rule("I31", "an entry without VALID is no page");
    for (long entry : new long[] {0, HmmPfn.ERROR, 0x123, HmmPfn.WRITE | 0x123}) {
      assertFalse(HmmPfn.isValid(entry));
      assertFalse(HmmPfn.isWritable(entry));
    }
    assertTrue(HmmPfn.isError(HmmPfn.ERROR));
    HmmMirror mirror = mirrored(scene);
    HmmRange range = scene.registered(mirror, 4, 6);
    DmaDevice device =
        new DmaDevice() {
          @Override
          public long mapPage(long pfn, DmaDirection direction) {
            throw new AssertionError("mapped a page that is none: " + pfn);
          }

          @Override
          public void unmapPage(long dmaAddress, DmaDirection direction) {}
        };
    scene.locked(
        () -> {
          assertEquals(DmaResult.of(0), mirror.dmaMap(range, device, new long[2]));
          return Errno.OK;
        });
  }

  /** X15: the error path of a range that was never registered. */
  static void failedRegisterIsNotLookedInto(Scene scene) {
    HmmMirror mirror = mirrored(scene);
    scene.rule("I14", "a range whose register failed has no hmm, so nobody looks into it");
    scene.mm.mmapLock().readLock();
    HmmRange range = HmmRange.of(0x1001, 0x2000);
    assertEquals(Errno.EINVAL, scene.subject.nouveau().fault(mirror, range, true));
  }
}

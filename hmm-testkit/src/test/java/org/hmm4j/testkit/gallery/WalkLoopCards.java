// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** How often the walk runs, from where, and what it answers at the end: P19, 2020-A, X14. */
final class WalkLoopCards {

  private static final long REQ = HmmPfn.REQ_FAULT;

  private WalkLoopCards() {}

  /** P19: the range is invalid before the walk, and becomes so in it. */
  static void invalidIsBusyWithTheLockHeld(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.NONE);
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 5).defaultFlags(REQ);
    scene.rule("I16", "an invalid range is EBUSY with the mmap lock held");
    scene.start(4, 5);
    assertEquals(Errno.EBUSY, scene.locked(() -> mirror.rangeSnapshot(range)));
    assertEquals(Errno.EBUSY, scene.locked(() -> mirror.rangeFault(range)));
    scene.end(4, 5);
    scene.tables.pte(4, Pte.NONE);
    scene.space.handler =
        (vma, page, flags) -> {
          scene.start(4, 5);
          return scene.space.map(vma, page, flags);
        };
    assertEquals(Errno.EBUSY, scene.locked(() -> mirror.rangeFault(range)));
    scene.end(4, 5);
  }

  /** 2020-A: everything is answered, and it is a hole. */
  static void aHoleIsAnAnswer(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(0, Pte.NONE);
    HmmRange range = scene.range(16, 18);
    scene.rule("I30", "the result is 0 when all is answered, however much of it is a hole");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(0, range.pfn(0));
  }

  /** Takes a page away in a whole invalidation, which the mirror API does not notice. */
  private static void takeAway(Scene scene, long page) {
    scene.start(page, page + 1);
    scene.tables.pte(page, Pte.NONE);
    scene.end(page, page + 1);
  }

  /** 2020-A: page 0 is answered and nobody asked for it; page 1 needs a fault. */
  static void restartAfterAFault(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(0, Pte.present(0x11, 0)).pte(1, Pte.NONE);
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 0, 2).pfnFlagsMask(-1L);
    range.pfns()[1] = REQ;
    scene.space.handler =
        (vma, page, flags) -> {
          if (scene.space.faults.size() == 1) {
            takeAway(scene, 0);
          }
          return scene.space.map(vma, page, flags);
        };
    scene.rule("I28", "at a restart the entries below it are answers, not requests");
    assertEquals(Errno.OK, scene.locked(() -> mirror.rangeFault(range)));
    assertEquals(List.of("1:r"), scene.space.faults, "a page that nobody asked for was faulted");
  }

  /** 2020-A: page 7 is answered and nobody asked for it; page 8 migrates. */
  static void restartAfterAMigration(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(7, Pte.present(0x11, 0)).pmd(8, Pte.nonPresent(Pte.MIGRATION, 9));
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 7, 9).pfnFlagsMask(-1L);
    range.pfns()[1] = REQ;
    scene.tables.onWait =
        page -> {
          takeAway(scene, 7);
          scene.tables.pte(8, Pte.present(0x22, 0));
        };
    scene.rule("I28", "at a restart the entries below it are answers, not requests");
    assertEquals(Errno.OK, scene.locked(() -> mirror.rangeFault(range)));
    assertEquals(List.of(), scene.space.faults, "a page that nobody asked for was faulted");
  }

  /** X14: the fault handler drops the mmap lock the first time. */
  static void noWalkWithoutTheLock(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.NONE);
    scene.space.handler =
        (vma, page, flags) -> {
          scene.mm.mmapLock().readUnlock();
          return VmFault.RETRY;
        };
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 5).defaultFlags(REQ);
    scene.rule("I16", "EAGAIN at once when the mmap lock was dropped");
    scene.mm.mmapLock().readLock();
    assertEquals(Errno.EAGAIN, mirror.rangeFaultAllowRetry(range));
    assertFalse(scene.mm.mmapLock().isHeld());
    assertEquals(List.of("4:r"), scene.space.faults);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** What the walk answers and when it faults: P01, P04, 2020-B, X02 to X07, X12, X13, X16. */
final class WalkCards {

  private static final long REQ = HmmPfn.REQ_FAULT;
  private static final long REQ_RW = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;
  private static final long V = HmmPfn.VALID;
  private static final long VW = HmmPfn.VALID | HmmPfn.WRITE;

  private WalkCards() {}

  /** P01: a pud-sized devmap entry, whatever the configuration. */
  static void devmapPud(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pud(0, Pte.present(0x40000, Pte.WRITE | Pte.DEVMAP | Pte.HUGE));
    HmmRange range = scene.range(0, 64).defaultFlags(REQ);
    scene.rule("I33", "equal tables and request give an equal result in every configuration");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(VW | 6L << HmmPfn.ORDER_SHIFT | 0x40003, range.pfn(3));
  }

  /** P04: NUMA balancing has marked a page that the device asks for. */
  static void numaHintIsNoPage(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.present(0x77, Pte.WRITE | Pte.PROTNONE));
    scene.rule("I24", "a page that the CPU may not access now is not valid");
    HmmRange look = scene.range(4, 5);
    assertEquals(Errno.OK, scene.fault(look));
    assertFalse(HmmPfn.isValid(look.pfn(0)), "in a snapshot");
    HmmRange range = scene.range(4, 5).defaultFlags(REQ);
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(List.of("4:r"), scene.space.faults, "the hint is completed by a fault");
    assertEquals(V | CardSpace.frame(4), range.pfn(0), "the page after the migration");
  }

  /** P05: the caller relies on the mmap lock. */
  static void blockingFaultKeepsTheLock(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.NONE);
    scene.space.handler =
        (vma, page, flags) -> {
          if ((flags & FaultFlags.ALLOW_RETRY) == 0) {
            return scene.space.map(vma, page, flags);
          }
          scene.mm.mmapLock().readUnlock();
          return VmFault.RETRY;
        };
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 5).defaultFlags(REQ);
    scene.rule("I16", "with block the mmap lock is never dropped");
    assertEquals(Errno.OK, scene.locked(() -> mirror.rangeFault(range)));
  }

  /** 2020-B: answers are the state of the CPU, whatever was in the array. */
  static void answersAreTheCpuState(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(0, Pte.present(0x11, 0)).pte(1, Pte.present(0x12, Pte.WRITE));
    scene.tables.pte(2, Pte.NONE).pte(3, Pte.present(0x14, Pte.ZERO));
    HmmRange range = scene.range(0, 4);
    Arrays.fill(range.pfns(), HmmPfn.WRITE | HmmPfn.ERROR | 0x4c0);
    scene.rule("I32", "output bits depend on the CPU's state only");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(words(V | 0x11, VW | 0x12, 0, V | 0x14), words(range.pfns()));
  }

  private static List<String> words(long... entries) {
    return Arrays.stream(entries).mapToObj(Long::toHexString).toList();
  }

  /** X02: a write is asked for where no write is allowed. */
  static void noWriteFaultWhereWritesAreForbidden(Scene scene) {
    scene.space.vma(0, 64, VmFlags.READ);
    scene.tables.pte(4, Pte.present(0x11, 0));
    scene.rule("I41", "EPERM is decided before any page is faulted");
    assertEquals(Errno.EPERM, scene.fault(scene.range(4, 5).defaultFlags(REQ_RW)));
    assertEquals(List.of(), scene.space.faults);
  }

  /** X03: the hole before the next VMA is asked for. */
  static void noFaultWithoutAVma(Scene scene) {
    scene.space.vma(8, 16, CardSpace.RW);
    scene.rule("I34", "where nothing can be, a request fails without a fault");
    assertEquals(Errno.EFAULT, scene.fault(scene.range(6, 10).defaultFlags(REQ)));
    assertEquals(List.of(), scene.space.faults);
  }

  /** X04: a page on swap is asked for. */
  static void swapIsFaulted(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.nonPresent(Pte.SWAP, 9));
    HmmRange range = scene.range(4, 5).defaultFlags(REQ);
    scene.rule("I34", "0 means that what was asked for is valid");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(words(V | CardSpace.frame(4)), words(range.pfn(0)), "a page on swap");
  }

  /** X04: a page that migrates is asked for. */
  static void migrationIsWaitedFor(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.nonPresent(Pte.MIGRATION, 9));
    scene.tables.onWait = page -> scene.tables.pte(page, Pte.present(0x55, 0));
    HmmRange range = scene.range(4, 5).defaultFlags(REQ);
    scene.rule("I34", "0 means that what was asked for is valid");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(words(V | 0x55), words(range.pfn(0)), "a page that migrates");
  }

  /** X05: a request for one page, which needs two passes. */
  static void requestSurvivesTheRestart(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.NONE);
    HmmRange range = scene.range(4, 5).pfnFlagsMask(-1L);
    range.pfns()[0] = REQ_RW;
    scene.space.handler =
        (vma, page, flags) -> scene.space.map(vma, page, scene.space.faults.size() < 2 ? 0 : flags);
    scene.rule("I28", "at a restart the entries from there on are the inputs");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(
        words(VW | CardSpace.frame(4)), words(range.pfn(0)), "a request of a single page was lost");
  }

  /** X06: a hole below the pud is faulted in. */
  static void faultsMaySleep(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pud(0, Pte.NONE);
    scene.rule("I18", "no page-table lock is held where a fault may sleep");
    scene.space.handler =
        (vma, page, flags) -> {
          scene.kernel.context().mightSleep();
          return scene.space.map(vma, page, flags);
        };
    assertEquals(Errno.OK, scene.fault(scene.range(4, 6).defaultFlags(REQ)));
  }

  /** X07: a snapshot of a huge page that migrates. */
  static void hugeMigrationIsFilled(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pmd(8, Pte.nonPresent(Pte.MIGRATION, 9));
    HmmRange range = scene.range(8, 10);
    Arrays.fill(range.pfns(), 0x123);
    scene.rule("I29", "0 means that every entry was written");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(words(0, 0), words(range.pfns()));
  }

  /** X12: a hugetlb page is faulted in while a writer is about. */
  static void hugetlbFaultHoldsNoLock(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW | VmFlags.HUGETLB);
    List<String> held = new ArrayList<>();
    scene.space.handler =
        (vma, page, flags) -> {
          scene.kernel.context().mightSleep();
          scene
              .other(
                  "B",
                  () -> {
                    scene.mm.pageTableLock().lock();
                    scene.mm.pageTableLock().unlock();
                  })
              .mustEnd("the walk holds a lock of the page tables");
          scene.tables.huge(page, Pte.present(0x800, Pte.WRITE | Pte.HUGE));
          held.add("done");
          return 0;
        };
    scene.rule("I18", "a hugetlb fault starts with nothing held but the mmap lock");
    assertEquals(Errno.OK, scene.fault(scene.range(8, 9).defaultFlags(REQ)));
    assertEquals(List.of("done"), held);
  }

  /** X13: device B asks for a page that is in the memory of device A. */
  static void foreignDeviceMemoryIsFaulted(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    scene.tables.pte(4, Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x500)).owner(0x500, "device A");
    HmmRange range = scene.range(4, 5).defaultFlags(REQ).devPrivateOwner("device B");
    scene.rule("I34", "what another device holds comes back by a fault");
    assertEquals(Errno.OK, scene.fault(range));
    assertEquals(V | CardSpace.frame(4), range.pfn(0));
    assertTrue(scene.space.faults.contains("4:r"));
  }

  /** X16: a snapshot goes over a hole between VMAs. */
  static void snapshotOutsideVmasSucceeds(Scene scene) {
    scene.space.vma(8, 16, CardSpace.RW);
    scene.rule("I36", "a page that is not asked for can't make the call fail");
    assertEquals(Errno.OK, scene.fault(scene.range(4, 20)));
  }
}

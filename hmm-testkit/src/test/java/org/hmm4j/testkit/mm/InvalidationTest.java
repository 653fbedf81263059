// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.Test;

class InvalidationTest {

  private static final int SPAN = 512;

  private final Process process = new Process();

  @Test
  void M018_munmapAndMmapOverAnnounceTheWholeRegion() {
    process.mmap(1, 2);
    process.mmap(5, 2);
    process.munmap(0, 6);
    assertEquals(List.of("start UNMAP 0-6", "end UNMAP 0-6"), process.takeCalls());
    process.mmap(6, 4);
    assertEquals(List.of("start UNMAP 6-10", "end UNMAP 6-10"), process.takeCalls());
    process.mmap(20, 4);
    assertEquals(List.of(), process.takeCalls());
    process.exit();
  }

  @Test
  void munmapDowngradesItsLock() {
    process.mmap(0, 1);
    boolean[] held = new boolean[2];
    process.onStart =
        () -> {
          held[0] = process.mm.mm().mmapLock().isHeld();
          held[1] = process.mm.mm().mmapLock().isHeldWrite();
        };
    process.munmap(0, 1);
    assertTrue(held[0]);
    assertFalse(held[1]);
    process.mmap(0, 1);
    process.mmap(0, 1);
    assertTrue(held[1]);
    assertFalse(process.mm.mm().mmapLock().isHeld());
    process.exit();
  }

  @Test
  void M018_dontneedAnnouncesEachVma() {
    process.mmap(0, 2);
    process.mmap(2, 2, Prot.READ, Mapping.anonPrivate());
    process.mmap(6, 2);
    process.dontneed(1, 8);
    assertEquals(
        List.of(
            "start CLEAR 1-2",
            "end CLEAR 1-2",
            "start CLEAR 2-4",
            "end CLEAR 2-4",
            "start CLEAR 6-8",
            "end CLEAR 6-8"),
        process.takeCalls());
    process.exit();
  }

  @Test
  void M018_mprotectAnnouncesFromTheFirstTableOn() {
    process.mmap(0, 4 * SPAN);
    process.mprotect(0, 4 * SPAN, Prot.READ);
    assertEquals(List.of(), process.takeCalls());
    process.load(SPAN + 3);
    process.load(3 * SPAN);
    process.mprotect(1, 4 * SPAN - 2, Prot.READ_WRITE);
    assertEquals(
        List.of(
            "start CLEAR 0-512",
            "end CLEAR 0-512",
            "start CLEAR 1536-2048",
            "end CLEAR 1536-2048",
            "start PROTECTION_VMA 512-2047",
            "end PROTECTION_VMA 512-2047"),
        process.takeCalls());
    process.mprotect(1, 4 * SPAN - 2, Prot.READ_WRITE);
    assertEquals(List.of(), process.takeCalls());
    process.mprotect(SPAN + 1, 1, Prot.READ);
    assertEquals(
        List.of(
            "start CLEAR 512-1024",
            "end CLEAR 512-1024",
            "start PROTECTION_VMA 513-514",
            "end PROTECTION_VMA 513-514"),
        process.takeCalls());
    process.exit();
  }

  @Test
  void M018_mprotectAnnouncesPerPud() {
    int giga = SPAN * SPAN;
    process.mmap(giga - 4, 8);
    process.load(giga - 1);
    process.load(giga);
    process.mprotect(giga - 4, 8, Prot.READ);
    assertEquals(
        List.of(
            "start PROTECTION_VMA 262140-262144",
            "end PROTECTION_VMA 262140-262144",
            "start PROTECTION_VMA 262144-262148",
            "end PROTECTION_VMA 262144-262148"),
        process.takeCalls());
    process.exit();
  }

  @Test
  void M019_mremapAnnouncesTheTargetAndTwiceTheSource() {
    process.mmap(0, 4);
    process.mmap(10, 1);
    process.mremap(1, 2, 9);
    assertEquals(
        List.of(
            "start UNMAP 9-11",
            "end UNMAP 9-11",
            "start UNMAP 1-3",
            "end UNMAP 1-3",
            "start UNMAP 1-3",
            "end UNMAP 1-3"),
        process.takeCalls());
    process.exit();
  }

  @Test
  void N237_exitAnnouncesEverything() {
    process.mmap(0, 1);
    long[] range = new long[2];
    MmuIntervalNotifier interval =
        MmuNotifiers.of(process.kernel)
            .intervalNotifier(
                (subscription, invalidation, seq) -> {
                  remember(invalidation, range);
                  subscription.setSeq(seq);
                  return true;
                });
    interval.insert(process.mm.mm(), Process.BASE, 4096);
    process.mm.exit();
    assertEquals(0, range[0]);
    assertEquals(-1, range[1]);
    assertEquals(List.of(), process.takeCalls());
  }

  private static void remember(MmuNotifierRange invalidation, long[] range) {
    range[0] = invalidation.start();
    range[1] = invalidation.end();
  }

  @Test
  void exitOfAnEmptyProcessAnnouncesNothing() {
    process.exit();
    assertEquals(List.of(), process.takeCalls());
  }

  private void failingStart(Runnable call) {
    process.onStart =
        () -> {
          throw new IllegalStateException("the driver fails");
        };
    KernelBug bug = assertThrows(KernelBug.class, call::run);
    assertEquals(KernelBug.Rule.CALLBACK_THREW, bug.rule());
    assertFalse(process.mm.mm().mmapLock().isHeld());
    process.onStart = () -> {};
  }

  @Test
  void M020_aFailingNotifierKeepsThePagesMapped() {
    process.mmap(0, 4);
    process.store(1, 11);
    process.load(2);
    long one = process.pte(1);
    failingStart(() -> process.munmap(1, 1));
    failingStart(() -> process.mmap(1, 1));
    failingStart(() -> process.dontneed(1, 1));
    failingStart(() -> process.store(2, 5));
    failingStart(() -> process.mremap(1, 1, 8));
    failingStart(() -> process.mprotect(1, 1, Prot.READ));
    assertEquals(one, process.pte(1));
    assertEquals(11, process.load(1));
    assertEquals(4 * 4096, process.mm.vmas().stream().mapToLong(v -> v.end() - v.start()).sum());
    assertEquals(Signal.NONE, process.store(1, 12));
    assertEquals(Signal.SIGSEGV, process.store(8, 1));
    assertEquals(1, process.memory.framesInUse());
    process.exit();
  }

  @Test
  void M020_mprotectThatFailsHalfWayIsTakenBack() {
    int giga = SPAN * SPAN;
    process.mmap(giga - 1, 2);
    process.store(giga - 1, 1);
    process.store(giga, 2);
    List<String> layout = process.layout();
    int[] left = {1};
    process.onStart =
        () -> {
          if (left[0]-- == 0) {
            throw new IllegalStateException("the driver fails");
          }
        };
    assertThrows(KernelBug.class, () -> process.mprotect(giga - 1, 2, Prot.READ));
    assertEquals(layout, process.layout());
    assertTrue(Pte.isWritable(process.pte(giga - 1)));
    assertTrue(Pte.isWritable(process.pte(giga)));
    process.onStart = () -> {};
    process.exit();
  }

  @Test
  void M011_exitFreesEverythingInSpiteOfAFailingNotifier() {
    process.mmap(0, 1);
    process.store(0, 1);
    MmuIntervalNotifier interval =
        MmuNotifiers.of(process.kernel)
            .intervalNotifier(
                (subscription, invalidation, seq) -> {
                  throw new IllegalStateException("the driver fails");
                });
    interval.insert(process.mm.mm(), Process.BASE, 4096);
    assertThrows(KernelBug.class, () -> process.mm.exit());
    assertEquals(0, process.memory.framesInUse());
    assertEquals(List.of(), process.mm.vmas());
  }
}

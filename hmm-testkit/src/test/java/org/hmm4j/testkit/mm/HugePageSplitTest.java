// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Huge pages that become many, or move, in all address spaces at once. */
class HugePageSplitTest {

  /** Huge pages of 8 pages, so that tests see their borders. */
  private static final PageTableGeometry SMALL = new PageTableGeometry(12, 15, 30, 39, 47);

  private static final int HUGE = 8;

  private final Process process = new Process(SMALL);
  private final PhysicalMemory memory = process.memory;

  @AfterEach
  void nothingIsLeft() {
    process.exit();
    assertEquals(0, memory.swap().slotsInUse());
  }

  private void fill() {
    process.mmap(0, HUGE);
    process.mm.madviseHugepage(Process.at(0), Process.size(HUGE));
    for (int i = 0; i < HUGE; i++) {
      assertEquals(Signal.NONE, process.store(i, 100 + i));
    }
    assertTrue(isHuge());
    process.takeCalls();
  }

  private boolean isHuge() {
    return (process.pte(0) & Pte.HUGE) != 0;
  }

  private void contentsAreThere(FakeMm mm) {
    for (int i = 0; i < HUGE; i++) {
      assertEquals(100 + i, mm.load(Process.at(i)).value());
    }
  }

  /** Splits the huge page at an address, as who has a reference to it. */
  private boolean split(int page) {
    Page part = memory.page(Pte.pfn(process.pte(page)));
    part.get();
    memory.lockPage(part);
    boolean split = new HugePageSplit(memory).split(part);
    memory.unlockPage(part);
    memory.put(part);
    return split;
  }

  @Test
  void M118_splitPageHasItsContentsAndRights() {
    fill();
    assertTrue(split(3));
    assertEquals(
        List.of("start CLEAR 0-8", "end CLEAR 0-8", "start CLEAR 0-8", "end CLEAR 0-8"),
        process.takeCalls());
    for (int i = 0; i < HUGE; i++) {
      Page page = memory.page(Pte.pfn(process.pte(i)));
      assertNull(page.compound());
      assertEquals(1, page.refCount());
      assertEquals(1, page.mapCount());
      assertTrue(page.isAnonExclusive());
      assertTrue(Pte.isWritable(process.pte(i)));
      assertFalse(page.lock().isLocked());
    }
    contentsAreThere(process.mm);
    process.munmap(0, 4);
    assertEquals(4, memory.framesInUse());
  }

  @Test
  void M118_partsThatNobodyMapsAreFreed() {
    fill();
    process.munmap(2, 3);
    assertEquals(HUGE, memory.framesInUse());
    assertTrue(split(0));
    assertEquals(HUGE - 3, memory.framesInUse());
    assertEquals(107, process.load(7));
  }

  @Test
  void M118_pinnedPageIsNotSplit() {
    fill();
    long pfn = Pte.pfn(process.pte(2));
    memory.get(pfn);
    assertFalse(split(0));
    assertTrue(isHuge());
    memory.put(pfn);
    assertTrue(split(0));
  }

  @Test
  void M118_splitGoesThroughAllProcesses() {
    fill();
    FakeMm child = process.mm.fork();
    assertTrue(split(5));
    assertEquals(2, memory.page(Pte.pfn(process.pte(5))).refCount());
    contentsAreThere(process.mm);
    contentsAreThere(child);
    process.store(1, 7);
    assertEquals(101, child.load(Process.at(1)).value());
    child.exit();
  }

  @Test
  void M118_failedSplitLeavesAllMappedInAllProcesses() {
    fill();
    FakeMm child = process.mm.fork();
    long pfn = Pte.pfn(process.pte(2));
    process.onStart = () -> memory.get(pfn);
    assertFalse(split(0));
    process.onStart = () -> {};
    contentsAreThere(process.mm);
    contentsAreThere(child);
    child.exit();
    while (memory.refCount(pfn) > HUGE) {
      memory.put(pfn);
    }
    assertTrue(split(0));
  }

  @Test
  void M119_hugePageMovesAsAWhole() {
    fill();
    FakeMm child = process.mm.fork();
    long old = Pte.pfn(process.pte(0));
    PageMigration migration = process.mm.beginMigration(Process.at(3));
    assertEquals(Pte.MIGRATION, Pte.kind(process.pte(0)));
    assertTrue(migration.finish());
    assertTrue(isHuge());
    assertTrue(old != Pte.pfn(process.pte(0)));
    assertEquals(HUGE, memory.framesInUse());
    contentsAreThere(process.mm);
    contentsAreThere(child);
    child.exit();
  }

  @Test
  void M119_migrationEntryCanBeSplitAndUnmapped() {
    fill();
    PageMigration migration = process.mm.beginMigration(Process.at(0));
    process.munmap(0, 2);
    assertTrue(migration.finish());
    assertEquals(Pte.NONE, process.pte(1));
    assertEquals(102, process.load(2));
    assertTrue(Pte.isWritable(process.pte(2)));
    assertFalse(isHuge());
  }

  @Test
  void M119_withoutMemoryItStays() {
    fill();
    memory.failAllocation(number -> true);
    assertNull(process.mm.beginMigration(Process.at(0)));
    memory.failAllocation(number -> false);
    assertTrue(isHuge());
    long pfn = Pte.pfn(process.pte(0));
    memory.get(pfn);
    assertFalse(process.mm.migrate(Process.at(0)));
    assertTrue(isHuge());
    contentsAreThere(process.mm);
    memory.put(pfn);
  }

  @Test
  void M120_onlyTheReclaimedPartIsSwappedOut() {
    fill();
    assertTrue(process.mm.reclaim(Process.at(3)));
    assertEquals(Pte.SWAP, Pte.kind(process.pte(3)));
    assertEquals(HUGE - 1, memory.framesInUse());
    contentsAreThere(process.mm);
  }

  @Test
  void M120_onlyTheBadPartIsLost() {
    fill();
    assertTrue(process.mm.memoryFailure(Process.at(3)));
    assertEquals(Signal.SIGBUS, process.mm.load(Process.at(3)).signal());
    assertEquals(104, process.load(4));
    assertEquals(1, memory.framesPoisoned());
  }

  @Test
  void M120_pinnedHugePageIsNeitherReclaimedNorPoisoned() {
    fill();
    long pfn = Pte.pfn(process.pte(0));
    memory.get(pfn);
    assertFalse(process.mm.reclaim(Process.at(3)));
    assertFalse(process.mm.memoryFailure(Process.at(3)));
    memory.put(pfn);
    contentsAreThere(process.mm);
  }

  @Test
  void M120_numaHintOfAHugePage() {
    fill();
    long old = Pte.pfn(process.pte(0));
    assertTrue(process.mm.numaHint(Process.at(0), Process.at(HUGE)));
    assertTrue((process.pte(0) & Pte.PROTNONE) != 0);
    contentsAreThere(process.mm);
    assertTrue(isHuge());
    process.mm.numaHint(Process.at(0), Process.at(HUGE));
    process.mm.misplaced(address -> true);
    contentsAreThere(process.mm);
    assertTrue(isHuge());
    assertTrue(old != Pte.pfn(process.pte(0)));
  }

  @Test
  void M120_reapedHugePageIsNotFaultedInAgain() {
    fill();
    assertTrue(process.mm.oomReap());
    assertEquals(0, memory.framesInUse());
    assertEquals(Signal.SIGBUS, process.store(0, 1));
  }

  @Test
  void M121_forkOfAPinnedHugePageGivesTheChildCopies() {
    fill();
    PinnedPages pinned = PinnedPages.pinForWriting(process.mm, Process.at(0), 1).value();
    FakeMm child = process.mm.fork();
    assertFalse(isHuge());
    process.store(0, 1);
    assertEquals(100, child.load(Process.at(0)).value());
    assertEquals(Errno.OK, process.munmap(1, 1));
    child.exit();
    pinned.unpin();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MigrationTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 8);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
    assertEquals(0, process.memory.swap().slotsInUse());
  }

  private void written(long page, int value) {
    process.mmap(page, 1);
    process.store(page, value);
    process.takeCalls();
  }

  private PageMigration begin(long page) {
    PageMigration migration = process.mm.beginMigration(at(page));
    assertNotNull(migration);
    return migration;
  }

  private long pfn(long page) {
    return Pte.pfn(process.pte(page));
  }

  private String entry(long page) {
    return Pte.toString(process.pte(page) & ~Pte.PFN_MASK);
  }

  @Test
  void M031_pageGetsAnotherFrame() {
    written(0, 7);
    long old = pfn(0);
    PageMigration migration = begin(0);
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertEquals(Pte.MIGRATION, Pte.kind(process.pte(0)));
    assertEquals(old, pfn(0));
    assertEquals(old, migration.source());
    assertTrue(migration.finish());
    assertEquals(List.of(), process.takeCalls());
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(migration.target(), pfn(0));
    assertNotEquals(old, pfn(0));
    assertEquals(0, process.memory.refCount(old));
    assertEquals(7, process.load(0));
    process.store(0, 8);
    assertEquals(List.of(), process.takeCalls(), "still exclusive");
    assertThrows(KernelBug.class, migration::finish);
  }

  @Test
  void M031_pageCanBePutBack() {
    written(0, 7);
    long entry = process.pte(0);
    begin(0).putBack();
    assertEquals(entry, process.pte(0));
    assertEquals(1, process.memory.framesInUse());
  }

  @Test
  void M032_pageThatSomebodyHoldsStays() {
    written(0, 7);
    long old = pfn(0);
    process.memory.get(old);
    assertFalse(process.mm.migrate(at(0)));
    assertEquals(old, pfn(0));
    process.memory.put(old);
    assertTrue(process.mm.migrate(at(0)));
    assertEquals(7, process.load(0));
  }

  @Test
  void pageOfAFileMovesInItsCacheToo() {
    file.write(0, 5);
    process.mmap(0, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(1, 1, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.load(0);
    process.load(1);
    assertTrue(process.mm.migrate(at(1)));
    assertEquals(pfn(0), pfn(1));
    assertEquals("pfn 0x0 rw", entry(0));
    assertEquals("pfn 0x0 r", entry(1));
    file.write(0, 6);
    assertEquals(6, process.load(0));
    assertEquals(1, process.memory.framesInUse());
  }

  @Test
  void pageInTheSwapCacheMovesThere() {
    written(0, 7);
    long old = pfn(0);
    process.memory.get(old);
    process.mm.reclaim(at(0));
    process.load(0);
    process.memory.put(old);
    assertTrue(process.mm.migrate(at(0)));
    assertEquals(7, process.load(0));
  }

  @Test
  void pageOfAFileMovesForAllWhoMapIt() {
    file.write(0, 5);
    process.mmap(0, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    FakeMm other = FakeMm.create(process.kernel, process.memory);
    other.mmap(at(3), 4096, Prot.READ, Mapping.fileShared(file, 0));
    other.load(at(3));
    process.load(0);
    PageMigration migration = begin(0);
    assertEquals(Pte.MIGRATION, Pte.kind(other.pte(at(3))));
    assertTrue(migration.finish());
    assertEquals("pfn 0x0 rw", entry(0));
    assertEquals(process.pte(0) & ~Pte.WRITE, other.pte(at(3)));
    process.store(0, 6);
    assertEquals(6, other.load(at(3)).value());
    other.exit();
    assertTrue(process.mm.migrate(at(0)));
  }

  @Test
  void withoutMemoryNothingBegins() {
    written(0, 7);
    process.memory.failAllocation(number -> true);
    assertNull(process.mm.beginMigration(at(0)));
    assertNull(process.mm.beginMigration(at(5)));
    process.memory.failAllocation(number -> false);
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void entryCanBeUnmappedMeanwhile() {
    written(0, 7);
    PageMigration migration = begin(0);
    process.munmap(0, 1);
    assertTrue(migration.finish());
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(0, process.memory.framesInUse());
  }

  @Test
  void entryCanBeMovedMeanwhile() {
    written(0, 7);
    PageMigration migration = begin(0);
    assertEquals(Errno.OK, process.mremap(0, 1, 1000));
    assertEquals(Pte.MIGRATION, Pte.kind(process.pte(1000)));
    assertTrue(migration.finish());
    assertEquals(7, process.load(1000));
  }

  @Test
  void rightsCanBeTakenMeanwhile() {
    written(0, 7);
    PageMigration migration = begin(0);
    process.mprotect(0, 1, Prot.READ);
    assertTrue(migration.finish());
    assertEquals("pfn 0x0 r dirty", entry(0));
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.store(0, 9);
    assertEquals(9, process.load(0));
  }

  @Test
  void processCanExitMeanwhile() {
    Process other = new Process();
    other.mmap(0, 1);
    other.store(0, 7);
    PageMigration migration = other.mm.beginMigration(at(0));
    other.mm.exit();
    assertTrue(migration.finish());
    assertEquals(0, other.memory.framesInUse());
  }

  @Test
  void M020_callbackThatThrowsKeepsThePage() {
    written(0, 7);
    long entry = process.pte(0);
    process.onStart =
        () -> {
          throw new IllegalStateException("broken driver");
        };
    assertThrows(KernelBug.class, () -> process.mm.beginMigration(at(0)));
    process.onStart = () -> {};
    assertEquals(entry, process.pte(0));
    assertTrue(process.mm.migrate(at(0)));
  }

  @Test
  void munmapThatANotifierStopsLeavesAnEntryThatIsFound() {
    written(0, 7);
    PageMigration migration = begin(0);
    process.onStart =
        () -> {
          // Not in the callback itself: that must not take the locks of the reverse map.
          Task finisher = process.kernel.machine().spawn("finisher", migration::finish);
          finisher.join();
          assertEquals(Optional.empty(), finisher.failure());
          throw new IllegalStateException("broken driver");
        };
    assertThrows(KernelBug.class, () -> process.munmap(0, 1));
    process.onStart = () -> {};
    assertEquals(7, process.load(0));
  }

  @Test
  void M031_accessWaitsForTheEnd() throws InterruptedException {
    for (int round = 0; round < 50; round++) {
      written(0, 7);
      PageMigration migration = begin(0);
      CountDownLatch faulted = new CountDownLatch(2);
      process.mm.intercept(
          (vma, address, flags) -> {
            faulted.countDown();
            return 0;
          });
      int[] loaded = new int[1];
      Task load = process.kernel.machine().spawn("load", () -> loaded[0] = process.load(0));
      Task store = process.kernel.machine().spawn("store", () -> process.store(0, 8));
      faulted.await();
      assertEquals(Pte.MIGRATION, Pte.kind(process.pte(0)));
      if (round % 2 == 0) {
        migration.finish();
      } else {
        migration.putBack();
      }
      load.join();
      store.join();
      assertEquals(Optional.empty(), load.failure());
      assertEquals(Optional.empty(), store.failure());
      assertTrue(loaded[0] == 7 || loaded[0] == 8);
      assertEquals(8, process.load(0));
    }
  }
}

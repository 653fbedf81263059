// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NumaBalancingTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 8);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
  }

  private String entry(long page) {
    return Pte.toString(process.pte(page) & ~Pte.PFN_MASK);
  }

  private void hint(long from, long to) {
    assertTrue(process.mm.numaHint(at(from), at(to)));
  }

  @Test
  void M033_hintedPageIsMadeNormalByTheNextAccess() {
    process.mmap(0, 2);
    process.store(0, 7);
    process.store(1, 8);
    long before = process.pte(0);
    hint(0, 2);
    assertEquals(
        List.of("start PROTECTION_VMA 0-2", "end PROTECTION_VMA 0-2"), process.takeCalls());
    assertEquals("pfn 0x0 rw protnone dirty", entry(0));
    assertEquals(7, process.load(0));
    assertEquals(before, process.pte(0));
    assertEquals("pfn 0x0 rw protnone dirty", entry(1));
    process.store(1, 9);
    assertEquals(9, process.load(1));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void readOnlyPageStaysReadOnly() {
    process.mmap(0, 1);
    process.store(0, 7);
    process.mprotect(0, 1, Prot.READ);
    hint(0, 1);
    process.load(0);
    assertEquals("pfn 0x0 r dirty", entry(0));
  }

  @Test
  void mprotectMakesItNormalToo() {
    process.mmap(0, 1);
    process.store(0, 7);
    hint(0, 1);
    process.mprotect(0, 1, Prot.READ);
    assertEquals("pfn 0x0 r dirty", entry(0));
  }

  @Test
  void misplacedPageMoves() {
    process.mmap(0, 1);
    process.store(0, 7);
    long old = Pte.pfn(process.pte(0));
    process.mm.misplaced(address -> address == at(0));
    hint(0, 1);
    process.takeCalls();
    assertEquals(7, process.load(0));
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertNotEquals(old, Pte.pfn(process.pte(0)));
    assertEquals("pfn 0x0 rw dirty", entry(0));
  }

  @Test
  void misplacedPageWithoutPlaceStays() {
    process.mmap(0, 1);
    process.store(0, 7);
    long before = process.pte(0);
    process.mm.misplaced(address -> true);
    process.memory.failAllocation(number -> true);
    hint(0, 1);
    assertEquals(7, process.load(0));
    assertEquals(before, process.pte(0));
  }

  @Test
  void whatIsSkipped() {
    file.write(0, 1);
    process.mmap(0, 1);
    process.load(0);
    process.mmap(1, 1, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.load(1);
    process.mmap(2, 1, Prot.READ, Mapping.fileShared(file, 0));
    process.load(2);
    process.mmap(3, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.load(3);
    process.mmap(4, 1);
    process.store(4, 1);
    process.mprotect(4, 1, Prot.NONE);
    hint(0, 5);
    assertEquals("pfn 0x0 r special zero", entry(0));
    assertEquals("pfn 0x0 r", entry(1));
    assertEquals("pfn 0x0 r", entry(2));
    assertEquals("pfn 0x0 rw protnone", entry(3));
    assertEquals("pfn 0x0 r protnone dirty", entry(4));
    assertEquals(1, process.load(3));
  }

  @Test
  void givesUpWithoutTheMmapLock() {
    process.mmap(0, 1);
    process.mm.mm().mmapLock().writeLock();
    assertFalse(process.mm.numaHint(at(0), at(1)));
    process.mm.mm().mmapLock().writeUnlock();
  }

  @Test
  void hintedPageCanBeReclaimedAndUnmapped() {
    process.mmap(0, 2);
    process.store(0, 7);
    process.store(1, 8);
    hint(0, 2);
    assertTrue(process.mm.reclaim(at(0)));
    assertEquals(7, process.load(0));
    process.munmap(1, 1);
  }
}

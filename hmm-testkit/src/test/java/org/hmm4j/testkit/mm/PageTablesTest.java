// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.Test;

class PageTablesTest {

  private static final int SPAN = 512;

  private final Process process = new Process();
  private final PageTables tables = process.mm.pageTables();

  @Test
  void tablesAreMadeOnDemand() {
    process.mmap(0, 2 * SPAN);
    assertEquals(Pte.NONE, tables.pgd(at(0)));
    assertNull(tables.ptes(at(0)));
    process.load(SPAN);
    assertEquals(Pte.TABLE, tables.pgd(at(0)));
    assertEquals(Pte.TABLE, tables.pud(at(0)));
    assertEquals(Pte.NONE, tables.pmd(at(0)));
    assertEquals(Pte.TABLE, tables.pmd(at(SPAN)));
    assertEquals(process.pte(SPAN), tables.ptes(at(SPAN))[0]);
    assertEquals(Pte.NONE, tables.pgd(-1));
    assertEquals(Pte.NONE, process.mm.pte(Long.MIN_VALUE));
    process.exit();
  }

  @Test
  void aLeafStaysWhileANeighbourSharesItsSpan() {
    process.mmap(0, 2);
    process.store(0, 1);
    process.store(1, 1);
    process.munmap(0, 1);
    assertTrue(process.hasLeaf(0));
    assertEquals(Pte.NONE, process.pte(0));
    process.munmap(1, 1);
    assertFalse(process.hasLeaf(0));
    assertEquals(Pte.NONE, tables.pgd(at(0)));
    process.exit();
  }

  @Test
  void aNeighbourBehindInTheSpanKeepsTheLeafToo() {
    process.mmap(SPAN - 1, 2);
    process.mmap(2 * SPAN - 1, 1);
    process.store(SPAN - 1, 1);
    process.store(SPAN, 1);
    process.munmap(SPAN - 1, 2);
    assertFalse(process.hasLeaf(SPAN - 1));
    assertTrue(process.hasLeaf(SPAN));
    assertEquals(Pte.TABLE, tables.pud(at(0)));
    process.munmap(2 * SPAN - 1, 1);
    assertFalse(process.hasLeaf(SPAN));
    process.exit();
  }

  @Test
  void upperTablesGoByTheSameRule() {
    long far = 4L * SPAN * SPAN;
    process.mmap(0, 1);
    process.mmap(far, 1);
    process.store(0, 1);
    process.store(far, 1);
    process.munmap(far, 1);
    assertEquals(Pte.TABLE, tables.pgd(at(far)));
    assertEquals(Pte.NONE, tables.pud(at(far)));
    process.munmap(0, 1);
    assertEquals(Pte.NONE, tables.pgd(at(0)));
    process.exit();
  }

  @Test
  void throwingPagesAwayKeepsTheLeaf() {
    process.mmap(0, 1);
    process.store(0, 1);
    process.dontneed(0, 1);
    assertTrue(process.hasLeaf(0));
    process.exit();
  }

  @Test
  void alignedMovesTakeTheLeafAlong() {
    process.mmap(0, SPAN);
    process.store(3, 7);
    long[] leaf = tables.ptes(at(0));
    assertEquals(Errno.OK, process.mremap(0, SPAN, 4 * SPAN));
    assertFalse(process.hasLeaf(0));
    assertSame(leaf, tables.ptes(at(4 * SPAN)));
    assertEquals(7, process.load(4 * SPAN + 3));
    process.exit();
  }

  @Test
  void otherMovesTakeTheEntries() {
    process.mmap(0, SPAN);
    process.store(0, 7);
    process.store(SPAN - 1, 8);
    long entry = process.pte(0);
    assertEquals(Errno.OK, process.mremap(0, SPAN, 4 * SPAN + 1));
    assertFalse(process.hasLeaf(0));
    assertEquals(entry, process.pte(4 * SPAN + 1));
    assertEquals(7, process.load(4 * SPAN + 1));
    assertEquals(8, process.load(5 * SPAN));
    process.exit();
  }

  @Test
  void aMoveWithinOneLeafWorks() {
    process.mmap(0, 2);
    process.store(0, 7);
    assertEquals(Errno.OK, process.mremap(0, 2, 2));
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(7, process.load(2));
    process.exit();
  }

  @Test
  void aMoveOfAGigabyteWorks() {
    long giga = (long) SPAN * SPAN;
    process.mmap(0, giga + 1);
    process.store(5, 7);
    process.store(giga - 1, 8);
    assertEquals(Errno.OK, process.mremap(0, giga, 4 * giga));
    assertEquals(7, process.load(4 * giga + 5));
    assertEquals(8, process.load(5 * giga - 1));
    assertEquals(Pte.NONE, tables.pud(at(0)));
    process.exit();
  }

  @Test
  void smallTablesServeAsWell() {
    PageTableGeometry small = new PageTableGeometry(12, 14, 16, 18, 40);
    Process other = new Process(small);
    other.mmap(0, 64);
    for (int page = 0; page < 64; page++) {
      other.store(page, page);
    }
    other.munmap(5, 10);
    assertTrue(other.hasLeaf(4));
    assertFalse(other.hasLeaf(8));
    assertTrue(other.hasLeaf(15));
    assertEquals(Errno.OK, other.mremap(16, 32, 128));
    assertEquals(47, other.load(159));
    assertEquals(63, other.load(63));
    assertEquals(size(1), small.pageSize());
    other.exit();
  }
}

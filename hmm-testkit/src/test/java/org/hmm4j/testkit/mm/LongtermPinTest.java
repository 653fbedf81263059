// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LongtermPinTest {

  private static final int PAGES = 4;

  private final Process process = new Process();
  private final TestMemory device = new TestMemory(process, MemoryType.DEVICE_COHERENT);

  /** Pages 1 and 2 are on the device, the others in main memory. */
  @BeforeEach
  void mapSomePagesOnTheDevice() {
    process.mmap(0, PAGES);
    for (int page = 0; page < PAGES; page++) {
      process.store(page, 10 + page);
    }
    device.migrateHere(1, 2);
    assertNotNull(pagemap(1));
    assertNotNull(pagemap(2));
  }

  @AfterEach
  void nothingIsLeft() {
    process.munmap(0, PAGES);
    Devmem.of(process.kernel).memunmapPages(device.pagemap);
    process.exit();
  }

  private DevPagemap pagemap(int page) {
    return process.memory.frames().pagemap(pfn(page));
  }

  private long pfn(int page) {
    return Pte.pfn(process.pte(page));
  }

  private void assertContents() {
    for (int page = 0; page < PAGES; page++) {
      assertEquals(10 + page, process.load(page));
    }
  }

  @Test
  void D132_longtermPinMovesCoherentPagesToMainMemory() {
    List<Long> before = List.of(pfn(0), pfn(1), pfn(2), pfn(3));

    PinnedPages pinned = PinnedPages.pinLongterm(process.mm, at(0), PAGES).value();

    assertEquals(List.of(pfn(0), pfn(1), pfn(2), pfn(3)), pinned.pfns());
    assertEquals(List.of(before.get(0), before.get(3)), List.of(pfn(0), pfn(3)));
    assertNull(pagemap(1));
    assertNull(pagemap(2));
    assertEquals(before.subList(1, 3), device.freed);
    process.memory.writeWord(pinned.pfns().get(1), 11);
    assertContents();
    pinned.unpin();
    assertEquals(1, process.memory.refCount(pfn(1)));
  }

  @Test
  void D132_otherPinsLeaveCoherentPagesWhereTheyAre() {
    long before = pfn(1);
    PinnedPages pinned = PinnedPages.pinForWriting(process.mm, at(1), 1).value();
    assertEquals(List.of(before), pinned.pfns());
    assertEquals(before, pfn(1));
    pinned.unpin();
  }

  @Test
  void D132_pageThatSomebodyElseHasIsEbusy() {
    PinnedPages other = PinnedPages.pinForWriting(process.mm, at(2), 1).value();

    assertEquals(Errno.EBUSY, longtermError());
    assertNull(pagemap(1), "it was moved before the other failed");
    assertEquals(List.of(pfn(2)), other.pfns());
    other.unpin();
    assertUnreferred();
    assertContents();
  }

  @Test
  void D132_noMemoryIsEbusy() {
    process.memory.failAllocation(number -> true);

    assertEquals(Errno.EBUSY, longtermError());
    assertNotNull(pagemap(1));
    assertNotNull(pagemap(2));
    process.memory.failAllocation(number -> false);
    assertUnreferred();
    assertContents();
  }

  private Errno longtermError() {
    ErrPtr<PinnedPages> pinned = PinnedPages.pinLongterm(process.mm, at(0), PAGES);
    return pinned.isErr() ? pinned.errno() : Errno.OK;
  }

  private void assertUnreferred() {
    for (int page = 0; page < PAGES; page++) {
      assertEquals(1, process.memory.refCount(pfn(page)), "references to page " + page);
    }
  }

  @Test
  void D132_childKeepsItsCopyOfAMovedPage() {
    FakeMm child = process.mm.fork();
    PinnedPages pinned = PinnedPages.pinLongterm(process.mm, at(1), 1).value();
    process.memory.writeWord(pinned.pfns().get(0), 99);
    assertEquals(99, process.load(1));
    assertEquals(11, child.load(at(1)).value());
    pinned.unpin();
    child.exit();
  }
}

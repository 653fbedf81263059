// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryFailureTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 8);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
    assertEquals(1, process.memory.framesPoisoned());
  }

  @Test
  void M034_accessOfABadPageIsABusError() {
    process.mmap(0, 1);
    process.store(0, 7);
    long bad = Pte.pfn(process.pte(0));
    assertTrue(process.mm.memoryFailure(at(0)));
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertEquals(Pte.nonPresent(Pte.HWPOISON, bad), process.pte(0));
    assertEquals(Signal.SIGBUS, process.mm.load(at(0)).signal());
    assertEquals(Signal.SIGBUS, process.store(0, 1));
    process.mm.mm().mmapLock().readLock();
    int answer = process.mm.handleMmFault(process.mm.findVma(at(0)), at(0), FaultFlags.REMOTE);
    process.mm.mm().mmapLock().readUnlock();
    assertEquals(VmFault.HWPOISON, answer);
    assertFalse(process.mm.memoryFailure(at(0)));
    assertEquals(0, process.memory.framesInUse());
  }

  @Test
  void newPageComesAfterTheBadOneIsThrownAway() {
    process.mmap(0, 1);
    process.store(0, 7);
    process.mm.memoryFailure(at(0));
    process.mprotect(0, 1, Prot.READ);
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.mremap(0, 1, 5);
    assertEquals(Signal.SIGBUS, process.mm.load(at(5)).signal());
    process.dontneed(5, 1);
    assertEquals(0, process.load(5));
    process.store(5, 1);
  }

  @Test
  void badPageOfAFileIsBadForAll() {
    file.write(0, 5);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(2, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.load(0);
    assertTrue(process.mm.memoryFailure(at(0)));
    process.load(1);
    process.load(3);
    for (long page : new long[] {0, 2}) {
      assertEquals(Signal.SIGBUS, process.mm.load(at(page)).signal());
      assertEquals(Signal.SIGBUS, process.store(page, 1));
      process.dontneed(page, 1);
      assertEquals(Signal.SIGBUS, process.mm.load(at(page)).signal());
    }
  }

  @Test
  void badPageInTheSwapCacheIsFoundOut() {
    process.mmap(0, 1);
    process.store(0, 7);
    Page page = process.memory.page(Pte.pfn(process.pte(0)));
    page.get();
    process.mm.reclaim(at(0));
    process.memory.poison(page);
    assertEquals(Signal.SIGBUS, process.mm.load(at(0)).signal());
    process.munmap(0, 1);
    assertEquals(0, process.memory.swap().slotsInUse());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageFaultsTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 40);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
  }

  private String entry(long page) {
    return Pte.toString(process.pte(page) & ~Pte.PFN_MASK);
  }

  @Test
  void anonymousReadMapsTheZeroPage() {
    process.mmap(0, 1);
    assertEquals(0, process.load(0));
    assertEquals("pfn 0x0 r special zero", entry(0));
    assertEquals(process.memory.zeroPfn(), Pte.pfn(process.pte(0)));
    assertEquals(0, process.memory.framesInUse());
    assertFalse(process.mm.vmas().get(0).hasAnonVma());
  }

  @Test
  void anonymousWriteMakesAPage() {
    process.mmap(0, 1);
    assertEquals(Signal.NONE, process.store(0, 5));
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(5, process.memory.readWord(Pte.pfn(process.pte(0))));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void writeOnTheZeroPageCopies() {
    process.mmap(0, 1);
    process.load(0);
    process.store(0, 5);
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertEquals(0, process.memory.readWord(process.memory.zeroPfn()));
  }

  @Test
  void M016_accessWithoutRightOrMappingIsASegmentationFault() {
    process.mmap(0, 1, Prot.READ, Mapping.anonPrivate());
    process.mmap(1, 1, Prot.NONE, Mapping.anonPrivate());
    assertEquals(Signal.SIGSEGV, process.store(0, 1));
    assertEquals(Signal.SIGSEGV, process.mm.load(at(1)).signal());
    assertEquals(Signal.SIGSEGV, process.mm.load(at(2)).signal());
    assertEquals(Signal.SIGSEGV, process.mm.store(-4096, 1));
    assertEquals(Pte.NONE, process.pte(0));
  }

  @Test
  void M016_accessBeyondTheEndOfTheFileIsABusError() {
    process.mmap(0, 4, Prot.READ_WRITE, Mapping.fileShared(file, 39));
    process.mmap(4, 4, Prot.READ_WRITE, Mapping.filePrivate(file, 39));
    for (long page : new long[] {1, 5}) {
      assertEquals(Signal.SIGBUS, process.mm.load(at(page)).signal());
      assertEquals(Signal.SIGBUS, process.store(page, 1));
      assertEquals(Signal.NONE, process.store(page - 1, 1));
    }
  }

  @Test
  void readsOfAFileMapWhatIsCachedAround() {
    for (int page = 0; page < 40; page += 2) {
      file.write(page, 100 + page);
    }
    process.mmap(3, 37, Prot.READ_WRITE, Mapping.fileShared(file, 3));
    assertEquals(108, process.load(8));
    // A window that begins at the VMA has its 16 pages all the same.
    for (int page = 3; page < 40; page++) {
      boolean around = page < 19 && page % 2 == 0;
      assertEquals(around ? "pfn 0x0 rw" : "none", entry(page), "page " + page);
    }
    assertEquals(0, process.load(9));
    assertTrue(file.isPresent(9));
    assertEquals("none", entry(11));
    process.load(20);
    assertEquals("pfn 0x0 rw", entry(30));
    assertEquals("none", entry(32));
  }

  @Test
  void aroundEndsAtTheLeafTable() {
    for (int page = 0; page < 40; page++) {
      file.write(page, page);
    }
    process.mmap(500, 40, Prot.READ, Mapping.filePrivate(file, 0));
    process.load(500);
    assertEquals("pfn 0x0 r", entry(511));
    assertFalse(process.hasLeaf(512));
    process.load(513);
    assertEquals("pfn 0x0 r", entry(512));
    assertEquals("none", entry(528));
  }

  @Test
  void aroundBeginsAtASmallLeafTable() {
    Process small = new Process(new PageTableGeometry(12, 14, 16, 18, 40));
    FakeFile cached = FakeFile.create(small.memory, 16);
    for (int page = 0; page < 16; page++) {
      cached.write(page, page);
    }
    small.mmap(0, 16, Prot.READ, Mapping.fileShared(cached, 0));
    small.load(6);
    assertFalse(small.hasLeaf(3));
    assertNotEquals(Pte.NONE, small.pte(4));
    assertFalse(small.hasLeaf(8));
    cached.close();
    small.exit();
  }

  @Test
  void aroundLeavesWhatIsMapped() {
    file.write(0, 10);
    file.write(1, 11);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.store(1, 99);
    process.load(0);
    assertEquals(99, process.load(1));
    assertEquals(11, file.read(1));
  }

  @Test
  void writesOfASharedFileMapOnePage() {
    file.write(1, 11);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.store(0, 5);
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals("none", entry(1));
    assertEquals(5, file.read(0));
  }

  @Test
  void privateFilePagesAreCopiedOnTheirFirstWrite() {
    file.write(0, 10);
    file.write(1, 11);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.store(0, 5);
    assertEquals(List.of(), process.takeCalls());
    process.load(1);
    assertEquals("pfn 0x0 r", entry(1));
    process.store(1, 6);
    assertEquals(List.of("start CLEAR 1-2", "end CLEAR 1-2"), process.takeCalls());
    assertEquals("pfn 0x0 rw dirty", entry(1));
    assertEquals(10, file.read(0));
    assertEquals(11, file.read(1));
    process.dontneed(0, 2);
    assertEquals(10, process.load(0));
    assertEquals(11, process.load(1));
  }

  @Test
  void copiesKeepWholePages() {
    PhysicalMemory memory = PhysicalMemory.create(process.kernel, 1024);
    FakeMm mm = FakeMm.create(process.kernel, memory);
    FakeFile whole = FakeFile.create(memory, 1);
    Mapping shared = Mapping.fileShared(whole, 0);
    Mapping ours = Mapping.filePrivate(whole, 0);
    mm.mmap(at(0), 4096, Prot.READ_WRITE, shared);
    mm.mmap(at(1), 4096, Prot.READ_WRITE, ours);
    mm.store(at(0) + 4092, 8);
    mm.load(at(1));
    mm.store(at(1), 9);
    assertEquals(8, mm.load(at(1) + 4092).value());
    assertEquals(0, mm.load(at(0)).value());
    assertThrows(IllegalArgumentException.class, () -> mm.load(at(0) + 2));
    mm.exit();
    whole.close();
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void anExclusivePageIsUsedAgain() {
    process.mmap(0, 1);
    process.store(0, 5);
    long pfn = Pte.pfn(process.pte(0));
    process.mprotect(0, 1, Prot.READ);
    process.mprotect(0, 1, Prot.READ_WRITE);
    assertEquals("pfn 0x0 rw dirty", entry(0));
    process.takeCalls();
    process.store(0, 6);
    assertEquals(pfn, Pte.pfn(process.pte(0)));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void mprotectMakesWritableWhatNeedsNoFault() {
    file.write(0, 10);
    process.mmap(0, 1);
    process.load(0);
    process.mmap(1, 1, Prot.READ, Mapping.filePrivate(file, 0));
    process.load(1);
    process.mmap(2, 1, Prot.READ, Mapping.fileShared(file, 0));
    process.load(2);
    process.mprotect(0, 3, Prot.READ_WRITE);
    assertEquals("pfn 0x0 r special zero", entry(0));
    assertEquals("pfn 0x0 r", entry(1));
    assertEquals("pfn 0x0 rw", entry(2));
    process.mprotect(0, 3, Prot.NONE);
    assertEquals("pfn 0x0 r protnone special zero", entry(0));
    assertEquals("pfn 0x0 r protnone", entry(2));
    assertEquals(Signal.SIGSEGV, process.mm.load(at(2)).signal());
  }

  @Test
  void M016_outOfMemoryLeavesNothingBehind() {
    process.mmap(0, 1);
    process.mmap(1, 1, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.mmap(2, 1, Prot.READ_WRITE, Mapping.fileShared(file, 1));
    process.load(0);
    long zero = process.pte(0);
    process.memory.failAllocation(number -> true);
    assertEquals(Signal.SIGKILL, process.store(0, 1));
    assertEquals(Signal.SIGKILL, process.store(1, 1));
    assertEquals(Signal.SIGKILL, process.mm.load(at(2)).signal());
    assertEquals(Errno.ENOMEM, file.write(5, 1));
    assertEquals(zero, process.pte(0));
    assertEquals(0, process.memory.framesInUse());
    assertEquals(List.of(), process.takeCalls());
    assertEquals(VmFault.OOM, fault(0, FaultFlags.WRITE));
    // The copy is there, but not the page of the file.
    int[] asked = {0};
    process.memory.failAllocation(number -> asked[0]++ == 1);
    assertEquals(Signal.SIGKILL, process.store(1, 1));
    assertEquals(0, process.memory.framesInUse());
    assertEquals(Signal.NONE, process.store(1, 1));
  }

  private int fault(long page, int flags) {
    process.mm.mm().mmapLock().readLock();
    try {
      return process.mm.handleMmFault(process.mm.findVma(at(page)), at(page), flags);
    } finally {
      if (process.mm.mm().mmapLock().isHeld()) {
        process.mm.mm().mmapLock().readUnlock();
      }
    }
  }

  @Test
  void M017_aFaultThatIsNotNeededChangesNothing() {
    process.mmap(0, 1);
    process.store(0, 3);
    long entry = process.pte(0);
    assertEquals(0, fault(0, 0));
    assertEquals(0, fault(0, FaultFlags.WRITE));
    assertEquals(entry, process.pte(0));
  }

  @Test
  void theInterceptorAnswersFirst() {
    process.mmap(0, 1);
    process.mm.intercept((vma, address, flags) -> VmFault.SIGBUS);
    assertEquals(Signal.SIGBUS, process.store(0, 1));
    process.mm.intercept((vma, address, flags) -> VmFault.HWPOISON);
    assertEquals(Signal.SIGBUS, process.mm.load(at(0)).signal());
    process.mm.intercept((vma, address, flags) -> VmFault.OOM);
    assertEquals(VmFault.OOM, fault(0, 0));
    process.mm.intercept((vma, address, flags) -> VmFault.MAJOR);
    assertThrows(IllegalArgumentException.class, () -> fault(0, 0));
    assertThrows(IllegalArgumentException.class, () -> process.store(0, 1));
    assertFalse(process.mm.mm().mmapLock().isHeld());
    assertEquals(Pte.NONE, process.pte(0));
    process.mm.intercept(FaultInterceptor.NONE);
    assertEquals(Signal.NONE, process.store(0, 1));
  }

  @Test
  void M015_retryDropsTheLockOnlyWhenAllowed() {
    process.mmap(0, 2);
    int[] left = {3};
    process.mm.intercept((vma, address, flags) -> left[0]-- > 0 ? VmFault.RETRY : 0);
    assertEquals(Signal.NONE, process.store(0, 1));
    process.mm.intercept((vma, address, flags) -> VmFault.RETRY);
    assertEquals(VmFault.RETRY, fault(1, FaultFlags.ALLOW_RETRY));
    assertEquals(Pte.NONE, process.pte(1));
    assertEquals(0, fault(1, 0));
    assertNotEquals(Pte.NONE, process.pte(1));
    process.mm.intercept(FaultInterceptor.NONE);
  }
}

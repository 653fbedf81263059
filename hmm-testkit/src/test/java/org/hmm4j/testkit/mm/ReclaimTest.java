// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReclaimTest {

  private final Process process = new Process();
  private final SwapArea swap = process.memory.swap();
  private final FakeFile file = FakeFile.create(process.memory, 8);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
    assertEquals(0, swap.slotsInUse());
  }

  private boolean reclaim(long page) {
    return process.mm.reclaim(at(page));
  }

  private void swapOut(long page, int value) {
    process.mmap(page, 1);
    process.store(page, value);
    assertTrue(reclaim(page));
    assertEquals(Pte.SWAP, Pte.kind(process.pte(page)));
    process.takeCalls();
  }

  private String entry(long page) {
    return Pte.toString(process.pte(page) & ~Pte.PFN_MASK);
  }

  @Test
  void M028_anonymousPageGoesToASlotAndComesBack() {
    process.mmap(0, 1);
    process.store(0, 7);
    assertTrue(reclaim(0));
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertEquals("swap 0x0 exclusive", entry(0));
    assertEquals(0, process.memory.framesInUse());
    assertEquals(1, swap.slotsInUse());
    assertEquals(7, process.load(0));
    assertEquals("pfn 0x0 r", entry(0));
    assertEquals(0, swap.slotsInUse());
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void writeThatBringsAPageBackMakesItWritableAtOnce() {
    swapOut(0, 7);
    process.store(0, 8);
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(List.of(), process.takeCalls());
    assertEquals(8, process.load(0));
  }

  @Test
  void pageThatWasReadBackIsWrittenWhereItIs() {
    swapOut(0, 7);
    process.load(0);
    long pfn = Pte.pfn(process.pte(0));
    process.store(0, 8);
    assertEquals(pfn, Pte.pfn(process.pte(0)));
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void pagesOfFilesAreOnlyUnmapped() {
    file.write(0, 5);
    process.mmap(0, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(1, 1, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.load(0);
    process.load(1);
    assertTrue(reclaim(1));
    assertEquals(
        List.of("start CLEAR 0-1", "end CLEAR 0-1", "start CLEAR 1-2", "end CLEAR 1-2"),
        process.takeCalls());
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(Pte.NONE, process.pte(1));
    assertTrue(file.isPresent(0));
    assertEquals(5, process.load(0));
  }

  @Test
  void copyOfAFilePageIsSwappedOut() {
    file.write(2, 5);
    process.mmap(0, 4, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.store(2, 6);
    assertTrue(reclaim(2));
    assertEquals("swap 0x0 exclusive", entry(2));
    assertEquals(6, process.load(2));
    assertEquals(5, file.read(2));
  }

  @Test
  void thereIsNothingToReclaim() {
    process.mmap(0, 2);
    process.load(0);
    assertFalse(reclaim(0), "the zero page");
    assertFalse(reclaim(1), "an empty entry");
    assertFalse(reclaim(100000), "no table");
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void fullAreaKeepsThePage() {
    Kernel kernel = Kernel.boot();
    PhysicalMemory memory = PhysicalMemory.create(kernel, 1, 1);
    FakeMm mm = FakeMm.create(kernel, memory);
    mm.mmap(at(0), 8192, Prot.READ_WRITE, Mapping.anonPrivate());
    mm.store(at(0), 1);
    mm.store(at(1), 2);
    assertTrue(mm.reclaim(at(0)));
    assertFalse(mm.reclaim(at(1)));
    assertTrue(Pte.isPresent(mm.pte(at(1))));
    assertEquals(1, mm.load(at(0)).value());
    assertTrue(mm.reclaim(at(1)));
    mm.exit();
    assertEquals(0, memory.swap().slotsInUse());
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void whatThrowsPagesAwayFreesTheirSlots() {
    swapOut(0, 1);
    swapOut(10, 2);
    swapOut(20, 3);
    assertEquals(3, swap.slotsInUse());
    process.munmap(0, 1);
    assertEquals(2, swap.slotsInUse());
    process.dontneed(10, 1);
    assertEquals(1, swap.slotsInUse());
    assertEquals(0, process.load(10));
  }

  @Test
  void swapEntriesKeepTheirKindUnderMprotectAndMove() {
    swapOut(0, 9);
    process.mprotect(0, 1, Prot.READ);
    assertEquals("swap 0x0 exclusive", entry(0));
    assertEquals(Errno.OK, process.mremap(0, 1, 30));
    assertEquals("swap 0x0 exclusive", entry(30));
    assertEquals(Signal.SIGSEGV, process.store(30, 1));
    assertEquals(9, process.load(30));
    process.mprotect(30, 1, Prot.READ_WRITE);
    assertTrue(reclaim(30), "found by the reverse map where it was moved");
    process.store(30, 10);
    assertEquals(10, process.load(30));
  }

  @Test
  void pageThatSomebodyHoldsStaysInTheSwapCache() {
    process.mmap(0, 1);
    process.store(0, 7);
    long pfn = Pte.pfn(process.pte(0));
    process.memory.get(pfn);
    assertTrue(reclaim(0));
    assertEquals(1, process.memory.framesInUse());
    assertEquals(7, process.load(0));
    assertEquals(pfn, Pte.pfn(process.pte(0)));
    assertTrue(reclaim(0));
    process.munmap(0, 1);
    assertEquals(0, swap.slotsInUse());
    process.memory.put(pfn);
  }

  @Test
  void swapInWithoutMemoryIsAnError() {
    swapOut(0, 7);
    process.memory.failAllocation(number -> true);
    assertEquals(Signal.SIGKILL, process.mm.load(at(0)).signal());
    process.memory.failAllocation(number -> false);
    assertEquals(7, process.load(0));
  }

  @Test
  void M027_invalidatesWithoutTheMmapLockButExcludesRegistration() {
    process.mmap(0, 1);
    process.store(0, 7);
    boolean[] held = new boolean[1];
    process.onStart = () -> held[0] = process.mm.mm().mmapLock().isHeld();
    assertTrue(reclaim(0));
    assertFalse(held[0]);
    process.onStart = () -> {};
    process.store(0, 8);
    // A registration from within the bracket can't get the lock of the reverse map.
    process.onStart = () -> process.mm.takeAllLocks();
    process.mm.mm().mmapLock().writeLock();
    assertThrows(KernelBug.class, () -> reclaim(0));
    process.mm.mm().mmapLock().writeUnlock();
    process.onStart = () -> {};
    assertEquals(8, process.load(0));
    assertEquals(0, swap.slotsInUse());
    var other = MmuNotifiers.of(process.kernel).notifier(process);
    assertEquals(Errno.OK, other.register(process.mm.mm()));
    other.unregister();
  }

  @Test
  void M020_callbackThatThrowsKeepsThePage() {
    process.mmap(0, 1);
    process.store(0, 7);
    process.onStart =
        () -> {
          throw new IllegalStateException("broken driver");
        };
    assertThrows(KernelBug.class, () -> reclaim(0));
    process.onStart = () -> {};
    assertEquals("pfn 0x0 rw dirty", entry(0));
    assertEquals(0, swap.slotsInUse());
    assertTrue(reclaim(0));
  }

  @Test
  void afterTheExitThereIsNothing() {
    Process other = new Process();
    other.mmap(0, 1);
    other.store(0, 1);
    other.exit();
    assertFalse(other.mm.reclaim(at(0)));
  }
}

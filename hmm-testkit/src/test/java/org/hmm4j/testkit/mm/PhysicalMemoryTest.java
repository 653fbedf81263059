// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class PhysicalMemoryTest {

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);

  private static void assertBug(Rule rule, Runnable call) {
    assertEquals(rule, assertThrows(KernelBug.class, call::run).rule());
  }

  @Test
  void pagesBeginZeroedWithOneReference() {
    long pfn = memory.allocate();
    assertEquals(1, memory.refCount(pfn));
    assertEquals(0, memory.mapCount(pfn));
    assertEquals(0, memory.readWord(pfn));
    memory.writeWord(pfn, 7);
    assertEquals(7, memory.readWord(pfn));
    memory.get(pfn);
    memory.put(pfn);
    assertEquals(1, memory.framesInUse());
    memory.put(pfn);
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void M021_aFreePageIsNotToBeUsed() {
    long pfn = memory.allocate();
    memory.put(pfn);
    assertBug(Rule.USE_AFTER_FREE, () -> memory.get(pfn));
    assertBug(Rule.USE_AFTER_FREE, () -> memory.readWord(pfn));
    assertBug(Rule.USE_AFTER_FREE, () -> memory.writeWord(pfn, 1));
    assertBug(Rule.DOUBLE_FREE, () -> memory.put(pfn));
    assertEquals(0, memory.framesInUse());
    assertBug(Rule.NOT_REGISTERED, () -> memory.readWord(1));
    assertBug(Rule.NOT_REGISTERED, () -> memory.readWord(Long.MAX_VALUE));
  }

  @Test
  void M021_aMappedPageKeepsItsLastReference() {
    Process process = new Process();
    process.mmap(0, 1);
    process.store(0, 1);
    long pfn = process.pte(0) & ((1L << 48) - 1);
    assertEquals(1, process.memory.mapCount(pfn));
    assertBug(Rule.STILL_IN_USE, () -> process.memory.put(pfn));
    process.memory.get(pfn);
    process.munmap(0, 1);
    assertEquals(0, process.memory.mapCount(pfn));
    assertEquals(1, process.memory.readWord(pfn));
    process.memory.put(pfn);
    process.exit();
  }

  @Test
  void aFreedPageTellsWhoFreedIt() {
    long pfn = memory.allocate();
    memory.put(pfn);
    for (Executable use : List.<Executable>of(() -> memory.readWord(pfn), () -> memory.put(pfn))) {
      String message = assertThrows(KernelBug.class, use).getMessage();
      assertTrue(message.contains("had been freed by task "), message);
    }
    memory.allocate();
    KernelBug leak = assertThrows(KernelBug.class, kernel::shutdown);
    assertEquals(Rule.LEAK, leak.rule());
    assertTrue(leak.getMessage().contains("page #"), leak.getMessage());
  }

  @Test
  void pagesWithoutMappingsAreNotUnmapped() {
    Page page = memory.allocatePage();
    assertBug(Rule.DOUBLE_FREE, page::removeMapping);
  }

  @Test
  void framesAreUsedAgainZeroed() {
    long first = memory.allocate();
    memory.writeWord(first, 9);
    memory.put(first);
    long again = memory.allocate();
    assertEquals(first, again);
    assertEquals(0, memory.readWord(again));
    for (int i = 0; i < 1000; i++) {
      assertNotEquals(first, memory.allocate());
    }
    assertEquals(1001, memory.framesInUse());
  }

  @Test
  void nobodyWritesTheZeroPage() {
    assertBug(Rule.STILL_IN_USE, () -> memory.writeWord(memory.zeroPfn(), 1));
    assertEquals(0, memory.readWord(memory.zeroPfn()));
  }

  @Test
  void keepsAsManyWordsAsAsked() {
    assertThrows(IllegalArgumentException.class, () -> PhysicalMemory.create(kernel, 0));
    long pfn = memory.allocate();
    assertThrows(IndexOutOfBoundsException.class, () -> memory.readWord(pfn, 1));
    PhysicalMemory whole = PhysicalMemory.create(kernel, 1024);
    long page = whole.allocate();
    whole.writeWord(page, 1023, 5);
    assertEquals(5, whole.readWord(page, 1023));
  }

  @Test
  void allocationFailsAsPlannedAndNotInAtomicContext() {
    memory.failAllocation(number -> number == 1);
    long first = memory.allocate();
    assertEquals(PhysicalMemory.NO_PAGE, memory.allocate());
    assertNotEquals(first, memory.allocate());
    assertEquals(2, memory.framesInUse());
    SpinLock lock = kernel.spinLock("test");
    lock.lock();
    assertBug(Rule.SLEEP_IN_ATOMIC, memory::allocate);
    lock.unlock();
    assertEquals(2, memory.framesInUse());
  }

  @Test
  void aPageThatBecomesFreeWhileItIsLockedIsReported() {
    long page = memory.allocate();
    assertTrue(memory.frames().tryLockPage(page));
    assertBug(Rule.STILL_IN_USE, () -> memory.put(page));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that would have to wait: who drops the mmap lock, who waits with it, and who neither. */
@Timeout(60)
final class FaultRetryTest {

  private static final int RETRY = FaultFlags.ALLOW_RETRY;
  private static final int NOWAIT = RETRY | FaultFlags.RETRY_NOWAIT;
  private static final int SECOND = RETRY | FaultFlags.TRIED;

  /** Added to the result of a fault that comes back with the mmap lock held. */
  private static final int LOCK_KEPT = 0x10000;

  private final Process process = new Process();
  private final RwSemaphore mmapLock = process.mm.mm().mmapLock();

  @AfterEach
  void nothingIsLeft() {
    assertFalse(mmapLock.isHeld());
    process.mm.intercept(FaultInterceptor.NONE);
    process.exit();
  }

  /** Swaps a page out that somebody has a reference to, so that it stays in the swap cache. */
  private Page swapCached() {
    process.mmap(0, 1);
    process.store(0, 7);
    Page page = process.memory.page(Pte.pfn(process.pte(0)));
    page.get();
    assertTrue(process.mm.reclaim(at(0)), "no entry maps it");
    assertEquals(Pte.SWAP, Pte.kind(process.pte(0)));
    return page;
  }

  /** Faults at the first page; the mmap lock is held, and afterwards perhaps not. */
  private int fault(int flags) {
    return process.mm.handleMmFault(process.mm.findVma(at(0)), at(0), flags);
  }

  /** As {@link #fault} in a task of its own, which holds the mmap lock when this returns. */
  private Task faultBeside(int flags, AtomicInteger result) {
    CountDownLatch locked = new CountDownLatch(1);
    Task task =
        process
            .kernel
            .machine()
            .spawn(
                "fault",
                () -> {
                  mmapLock.readLock();
                  locked.countDown();
                  result.set(fault(flags));
                  if (mmapLock.isHeld()) {
                    mmapLock.readUnlock();
                    result.addAndGet(LOCK_KEPT);
                  }
                });
    try {
      locked.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return task;
  }

  @Test
  void M015_theFirstRoundDropsTheLockAndWaitsForThePage() {
    Page page = swapCached();
    assertTrue(page.lock().tryLock());
    AtomicInteger result = new AtomicInteger();
    Task task = faultBeside(RETRY, result);
    // Comes back only because the task has dropped it.
    mmapLock.writeLock();
    mmapLock.writeUnlock();
    process.memory.unlockPage(page);
    task.join();
    assertEquals(VmFault.RETRY, result.get());
    process.memory.put(page);
    assertEquals(7, process.load(0));
  }

  @Test
  void M015_withNowaitTheLockIsKeptAndNobodyWaits() {
    Page page = swapCached();
    assertTrue(page.lock().tryLock());
    mmapLock.readLock();
    assertEquals(VmFault.RETRY, fault(NOWAIT));
    assertTrue(mmapLock.isHeld());
    process.memory.unlockPage(page);
    assertEquals(0, fault(NOWAIT), "nothing to wait for");
    mmapLock.readUnlock();
    process.memory.put(page);
    assertEquals(7, process.load(0));
  }

  @Test
  void M015_theSecondRoundWaitsWithTheLock() {
    Page page = swapCached();
    assertTrue(page.lock().tryLock());
    AtomicInteger result = new AtomicInteger();
    Task task = faultBeside(SECOND, result);
    assertFalse(mmapLock.writeTryLock());
    process.memory.unlockPage(page);
    task.join();
    assertEquals(LOCK_KEPT, result.get(), "served");
    process.memory.put(page);
    assertEquals(7, process.load(0));
  }

  @Test
  void M015_anInterceptorIsHeardInTheFirstRoundOnly() {
    process.mmap(0, 1);
    process.mm.intercept((vma, address, flags) -> VmFault.RETRY);
    mmapLock.readLock();
    assertEquals(VmFault.RETRY, fault(NOWAIT));
    assertTrue(mmapLock.isHeld());
    assertEquals(0, fault(FaultFlags.RETRY_NOWAIT), "means nothing by itself");
    assertEquals(0, fault(SECOND));
    assertEquals(VmFault.RETRY, fault(RETRY));
    assertFalse(mmapLock.isHeld());
  }

  @Test
  void theCpuTriesASecondTimeAndSaysSo() {
    process.mmap(0, 1);
    List<Integer> rounds = new ArrayList<>();
    process.mm.intercept(
        (vma, address, flags) -> {
          rounds.add(flags);
          return VmFault.RETRY;
        });
    assertEquals(Signal.NONE, process.store(0, 1));
    int first = FaultFlags.USER | FaultFlags.WRITE | FaultFlags.KILLABLE | RETRY;
    assertEquals(List.of(first, first | FaultFlags.TRIED), rounds);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;

/** Situations that stand for locks: reclaim, a locked page, a work. */
final class PseudoLockTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Lockdep lockdep = kernel.lockdep();
  private final Mutex mutex = kernel.mutex("driver");

  @Test
  void K064_anAllocationUnderALockThatReclaimTakes() {
    lockdep.primeReclaim(mutex);
    assertFalse(mutex.isHeld());
    assertFalse(lockdep.fsReclaim().isHeld());
    mutex.lock();
    assertMentions(
        bug(Rule.LOCK_ORDER, () -> kernel.allocations().allocate("object")), "fs_reclaim");
    bug(Rule.LOCK_ORDER, kernel.context()::mightAlloc);
    assertNotNull(kernel.allocations().allocateNowait("object"));
    mutex.unlock();
    kernel.context().mightAlloc();
  }

  @Test
  void K064_theSameWhenTheAllocationCameFirst() {
    mutex.lock();
    kernel.context().mightAlloc();
    mutex.unlock();
    bug(Rule.LOCK_ORDER, () -> lockdep.primeReclaim(mutex));
    assertFalse(lockdep.fsReclaim().isHeld());
  }

  @Test
  void anAllocationUnderAnotherLockIsRight() {
    lockdep.primeReclaim(mutex);
    Mutex outer = kernel.mutex("outer");
    outer.lock();
    kernel.context().mightAlloc();
    mutex.lock();
    mutex.unlock();
    outer.unlock();
  }

  @Test
  void K064_allocationsSleep() {
    SpinLock spin = kernel.spinLock("spin");
    spin.lock();
    bug(Rule.SLEEP_IN_ATOMIC, () -> kernel.allocations().allocate("object"));
    assertNotNull(kernel.allocations().allocateNowait("object"));
    spin.unlock();
  }

  @Test
  void K065_aPageLockAndALockInBothOrders() {
    mutex.lock();
    lockdep.pageLock().acquire();
    lockdep.pageLock().release();
    mutex.unlock();
    lockdep.pageLock().acquire();
    assertMentions(bug(Rule.LOCK_ORDER, mutex::lock), "PG_locked");
    lockdep.pageLock().release();
  }

  @Test
  void K065_aSecondPageIsLockedByATry() {
    PseudoLock page = lockdep.pageLock();
    page.acquire();
    bug(Rule.RECURSIVE_LOCK, page::acquire);
    page.tryAcquire();
    page.release();
    assertTrue(page.isHeld());
    page.release();
    assertFalse(page.isHeld());
  }

  @Test
  void K066_aFlushUnderALockThatTheWorkTakes() {
    PseudoLock work = lockdep.pseudoLock("(work_completion)(&svmm->work)");
    new Crew(kernel)
        .go(
            "kworker",
            () -> {
              work.acquire();
              mutex.lock();
              mutex.unlock();
              work.release();
            })
        .join();
    mutex.lock();
    assertMentions(bug(Rule.LOCK_ORDER, work::mightLock), "work_completion");
    mutex.unlock();
    work.mightLock();
  }

  @Test
  void K066_aWorkThatFlushesItself() {
    PseudoLock work = lockdep.pseudoLock("work");
    work.acquire();
    bug(Rule.RECURSIVE_LOCK, work::mightLock);
    work.release();
    bug(Rule.BAD_UNLOCK, work::release);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;

/** Circles in the order of locks, from chains of one task: nobody ever waits here. */
final class LockOrderTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Mutex a = kernel.mutex("A");
  private final Mutex b = kernel.mutex("B");
  private final Mutex c = kernel.mutex("C");
  private final RwSemaphore r = kernel.rwSemaphore("R");
  private final SpinLock s = kernel.spinLock("S");
  private final SpinLock t = kernel.spinLock("T");

  /** Takes the first, then the second, and releases both. */
  private static void inOrder(Mutex first, Mutex second) {
    first.lock();
    try {
      second.lock();
      second.unlock();
    } finally {
      first.unlock();
    }
  }

  private void assertNotTaken(KernelLock lock) {
    assertFalse(lock.isHeld());
    assertFalse(kernel.context().isAtomic());
  }

  @Test
  void K055_twoMutexesInBothOrders() {
    inOrder(a, b);
    bug(Rule.LOCK_ORDER, () -> inOrder(b, a));
    assertNotTaken(a);
    assertTrue(a.tryLock(), "it was left free");
    a.unlock();
  }

  @Test
  void K056_eachOffenceIsReportedAndLeavesNoRule() {
    inOrder(a, b);
    bug(Rule.LOCK_ORDER, () -> inOrder(b, a));
    bug(Rule.LOCK_ORDER, () -> inOrder(b, a));
    inOrder(a, b);
  }

  @Test
  void K055_aCircleOfThree() {
    inOrder(a, b);
    inOrder(b, c);
    assertMentions(bug(Rule.LOCK_ORDER, () -> inOrder(c, a)), "A --> B --> C");
    inOrder(a, c);
  }

  @Test
  void K054_anOrderMadeByOneTaskBindsAnother() {
    Crew crew = new Crew(kernel);
    crew.go("first", () -> inOrder(a, b)).join();
    crew.go("second", () -> bug(Rule.LOCK_ORDER, () -> inOrder(b, a))).join();
  }

  @Test
  void K054_locksOfOneNameAreOneClass() {
    inOrder(a, b);
    Mutex otherA = kernel.mutex("A");
    Mutex otherB = kernel.mutex("B");
    bug(Rule.LOCK_ORDER, () -> inOrder(otherB, otherA));
  }

  @Test
  void K055_readersOfASemaphoreCountLikeWriters() {
    r.readLock();
    a.lock();
    a.unlock();
    r.readUnlock();
    a.lock();
    bug(Rule.LOCK_ORDER, r::readLock);
    bug(Rule.LOCK_ORDER, r::writeLock);
    a.unlock();
    assertNotTaken(r);
  }

  @Test
  void K055_spinLocksUnderASemaphoreInBothOrders() {
    r.writeLock();
    s.lock();
    t.lock();
    t.unlock();
    s.unlock();
    r.writeUnlock();
    t.lock();
    bug(Rule.LOCK_ORDER, s::lock);
    bug(Rule.LOCK_ORDER, s::lockIrqsave);
    assertTrue(t.isHeld());
    t.unlock();
    assertNotTaken(s);
  }

  @Test
  void K057_aTryMakesNoRule() {
    inOrder(a, b);
    b.lock();
    assertTrue(a.tryLock(), "against the order, but it would not have waited");
    a.unlock();
    b.unlock();
    inOrder(a, b);
  }

  @Test
  void K057_whatIsTakenUnderATriedLockComesAfterIt() {
    assertTrue(a.tryLock());
    b.lock();
    b.unlock();
    a.unlock();
    bug(Rule.LOCK_ORDER, () -> inOrder(b, a));
  }

  @Test
  void K057_whatIsTakenUnderATriedLockAlsoComesAfterTheOneBelow() {
    c.lock();
    assertTrue(a.tryLock());
    b.lock();
    b.unlock();
    a.unlock();
    c.unlock();
    bug(Rule.LOCK_ORDER, () -> inOrder(b, c));
  }

  @Test
  void releaseInAnotherOrderIsAllowed() {
    a.lock();
    b.lock();
    a.unlock();
    c.lock();
    b.unlock();
    c.unlock();
    inOrder(a, c);
    bug(Rule.LOCK_ORDER, () -> inOrder(c, b));
  }

  @Test
  void K058_mightLockIsAsGoodAsTaking() {
    a.lock();
    b.mightLock();
    assertFalse(b.isHeld());
    a.unlock();
    b.lock();
    bug(Rule.LOCK_ORDER, a::mightLock);
    bug(Rule.LOCK_ORDER, a::lock);
    bug(Rule.RECURSIVE_LOCK, b::mightLock);
    b.unlock();
    s.lock();
    bug(Rule.SLEEP_IN_ATOMIC, r::mightLockRead);
    s.unlock();
  }

  @Test
  void aDowngradedLockIsStillHeld() {
    r.writeLock();
    r.downgradeWrite();
    a.lock();
    a.unlock();
    r.readUnlock();
    a.lock();
    bug(Rule.LOCK_ORDER, r::readLock);
    a.unlock();
  }
}

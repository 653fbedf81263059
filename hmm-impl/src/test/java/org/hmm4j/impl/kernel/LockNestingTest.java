// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Two locks of a class, one lock twice, and releases that don't fit. */
final class LockNestingTest {

  private static final String PTLOCK = "ptlock_ptr(page)";

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final SpinLock old = kernel.spinLock(PTLOCK);
  private final SpinLock young = kernel.spinLock(PTLOCK);
  private final RwSemaphore mmapLock = kernel.rwSemaphore("mm->mmap_lock");
  private final RwSemaphore otherMmapLock = kernel.rwSemaphore("mm->mmap_lock");

  @Test
  void K059_twoLocksOfAClass() {
    old.lock();
    assertMentions(
        bug(Rule.RECURSIVE_LOCK, young::lock),
        "possible recursive locking detected",
        "lockNested",
        "1 lock held by");
    assertFalse(young.isHeld());
    old.unlock();
  }

  @Test
  void K059_theInnerOneOfTwoIsASubclass() {
    old.lock();
    young.lockNested(1);
    assertTrue(young.isHeld());
    young.unlock();
    old.unlock();
  }

  @Test
  void K059_subclassesHaveAnOrderToo() {
    K059_theInnerOneOfTwoIsASubclass();
    young.lockNested(1);
    assertMentions(bug(Rule.LOCK_ORDER, old::lock), "(ptlock_ptr(page)/1)");
    bug(Rule.RECURSIVE_LOCK, () -> old.lockNested(1));
    young.unlock();
  }

  @Test
  void K059_allLocksNest() {
    Mutex parent = kernel.mutex("inode");
    Mutex child = kernel.mutex("inode");
    parent.lock();
    bug(Rule.RECURSIVE_LOCK, child::lock);
    child.lockNested(1);
    child.unlock();
    parent.unlock();
    mmapLock.writeLock();
    bug(Rule.RECURSIVE_LOCK, otherMmapLock::writeLock);
    otherMmapLock.writeLockNested(1);
    otherMmapLock.writeUnlock();
    otherMmapLock.readLockNested(1);
    otherMmapLock.readUnlock();
    mmapLock.writeUnlock();
  }

  @Test
  void K059_aSubclassDoesNotMakeALockRecursive() {
    old.lock();
    bug(Rule.RECURSIVE_LOCK, () -> old.lockNested(1));
    old.unlock();
  }

  @Test
  void thereAreEightSubclasses() {
    assertThrows(IllegalArgumentException.class, () -> old.lockNested(-1));
    assertThrows(IllegalArgumentException.class, () -> old.lockNested(Lockdep.MAX_SUBCLASSES));
    old.lockNested(Lockdep.MAX_SUBCLASSES - 1);
    old.unlock();
    old.lockNested(0);
    bug(Rule.RECURSIVE_LOCK, young::lock);
    old.unlock();
  }

  @Test
  void readersDoNotNest() {
    mmapLock.readLock();
    bug(Rule.RECURSIVE_LOCK, mmapLock::readLock);
    bug(Rule.RECURSIVE_LOCK, otherMmapLock::readLock);
    assertTrue(mmapLock.readTryLock(), "would not wait for a writer in between");
    mmapLock.readUnlock();
    mmapLock.readUnlock();
  }

  @Test
  void unlockByTheWrongTaskInTheWrongModeOrWithoutLock() {
    assertMentions(bug(Rule.BAD_UNLOCK, old::unlock), "no locks held by ");
    mmapLock.readLock();
    assertMentions(
        bug(Rule.BAD_UNLOCK, mmapLock::writeUnlock), "1 lock held by ", "#0: (mm->mmap_lock)");
    new Crew(kernel).go("thief", () -> bug(Rule.BAD_UNLOCK, mmapLock::readUnlock)).join();
    mmapLock.readUnlock();
  }

  @Test
  void sleepingUnderASpinLock() {
    old.lock();
    assertMentions(
        bug(Rule.SLEEP_IN_ATOMIC, mmapLock::readLock), "#0: (ptlock_ptr(page))", "LockNestingTest");
    bug(Rule.SLEEP_IN_ATOMIC, () -> kernel.completion("done").waitFor());
    old.unlock();
    mmapLock.readLock();
    mmapLock.readUnlock();
  }

  @Test
  void aLockHeldWhenItsTaskEnds() {
    Task task = kernel.machine().spawn("sloppy", mmapLock::writeLock);
    task.join();
    KernelBug bug = assertInstanceOf(KernelBug.class, task.failure().orElseThrow());
    Assertions.assertEquals(Rule.BAD_CONTEXT, bug.rule());
    assertMentions(bug, "1 lock held by " + task + ":", "#0: (mm->mmap_lock)");
    assertTrue(mmapLock.writeTryLock());
    mmapLock.writeUnlock();
    Task tidy =
        kernel
            .machine()
            .spawn(
                "tidy",
                () -> {
                  mmapLock.writeLock();
                  mmapLock.writeUnlock();
                });
    tidy.join();
    Assertions.assertEquals(Optional.empty(), tidy.failure());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;

/** Many locks of a class under one that settles their order, as mm_take_all_locks has them. */
final class NestLockTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final RwSemaphore mmapLock = kernel.rwSemaphore("mm->mmap_lock");
  private final Mutex driver = kernel.mutex("driver");
  private final List<RwSemaphore> anonVmas =
      Stream.generate(() -> kernel.rwSemaphore("anon_vma->rwsem")).limit(3).toList();

  private void takeAll(List<RwSemaphore> locks) {
    locks.forEach(lock -> lock.writeLockNestLock(mmapLock));
  }

  private static void dropAll(List<RwSemaphore> locks) {
    locks.forEach(RwSemaphore::writeUnlock);
  }

  @Test
  void K072_severalOfAClassInAnyOrder() {
    List<RwSemaphore> backwards = List.of(anonVmas.get(2), anonVmas.get(1), anonVmas.get(0));
    for (int round = 0; round < 2; round++) {
      mmapLock.writeLock();
      takeAll(anonVmas);
      assertTrue(anonVmas.get(2).isHeldWrite());
      dropAll(anonVmas);
      takeAll(backwards);
      dropAll(anonVmas);
      mmapLock.writeUnlock();
    }
  }

  @Test
  void K072_allKindsThatTheKernelHas() {
    mmapLock.readLock();
    Mutex other = kernel.mutex("driver");
    driver.lockNestLock(mmapLock);
    other.lockNestLock(mmapLock);
    SpinLock spin = kernel.spinLock("ptl");
    SpinLock otherSpin = kernel.spinLock("ptl");
    spin.lockNestLock(driver);
    otherSpin.lockNestLock(driver);
    assertTrue(kernel.context().isAtomic());
    otherSpin.unlock();
    spin.unlock();
    other.unlock();
    driver.unlock();
    mmapLock.readUnlock();
    assertFalse(kernel.context().isAtomic());
  }

  @Test
  void K072_withoutTheNestLock() {
    assertMentions(
        bug(Rule.LOCK_NOT_HELD, () -> takeAll(anonVmas)),
        "rw semaphore 'mm->mmap_lock' must be held as the nest lock of rw semaphore 'anon_vma->rw");
    assertFalse(anonVmas.get(0).isHeld());
    bug(Rule.LOCK_NOT_HELD, () -> driver.lockNestLock(mmapLock));
    bug(Rule.LOCK_NOT_HELD, () -> kernel.spinLock("ptl").lockNestLock(mmapLock));
  }

  @Test
  void K072_withTheNestLockTakenTooLate() {
    anonVmas.get(0).writeLock();
    assertTrue(mmapLock.writeTryLock());
    assertMentions(
        bug(Rule.RECURSIVE_LOCK, () -> anonVmas.get(1).writeLockNestLock(mmapLock)),
        "possible recursive locking detected");
    mmapLock.writeUnlock();
    anonVmas.get(0).writeUnlock();
  }

  @Test
  void K059_aPlainSecondOneIsStillReported() {
    mmapLock.writeLock();
    takeAll(anonVmas);
    dropAll(anonVmas);
    anonVmas.get(0).writeLockNestLock(mmapLock);
    bug(Rule.RECURSIVE_LOCK, anonVmas.get(1)::writeLock);
    bug(Rule.RECURSIVE_LOCK, () -> anonVmas.get(0).writeLockNestLock(mmapLock));
    anonVmas.get(0).writeUnlock();
    mmapLock.writeUnlock();
  }

  @Test
  void K055_theClassKeepsItsPlaceInTheOrder() {
    mmapLock.writeLock();
    takeAll(anonVmas);
    driver.lock();
    driver.unlock();
    dropAll(anonVmas);
    mmapLock.writeUnlock();
    anonVmas.get(1).writeLock();
    bug(Rule.LOCK_ORDER, mmapLock::writeLock);
    anonVmas.get(1).writeUnlock();
    driver.lock();
    bug(Rule.LOCK_ORDER, anonVmas.get(2)::writeLock);
    driver.unlock();
  }

  @Test
  void K055_whatLiesBetweenComesBeforeWhatIsTakenUnderTheLastOne() {
    Mutex between = kernel.mutex("between");
    mmapLock.writeLock();
    anonVmas.get(0).writeLockNestLock(mmapLock);
    between.lock();
    anonVmas.get(1).writeLockNestLock(mmapLock);
    driver.lock();
    driver.unlock();
    anonVmas.get(1).writeUnlock();
    between.unlock();
    anonVmas.get(0).writeUnlock();
    mmapLock.writeUnlock();
    driver.lock();
    bug(Rule.LOCK_ORDER, between::lock);
    driver.unlock();
  }

  @Test
  void K068_offAsksForNoNestLock() {
    Kernel off = new BootedKernel(KernelOptions.defaults().lockdep(false));
    Mutex mutex = off.mutex("A");
    mutex.lockNestLock(off.mutex("nest"));
    assertTrue(mutex.isHeld());
    mutex.unlock();
  }

  @Test
  void aNestLockIsOneOfAKernel() {
    KernelLock foreign =
        new KernelLock() {
          @Override
          public void mightLock() {}

          @Override
          public boolean isHeld() {
            return true;
          }

          @Override
          public void assertHeld() {}

          @Override
          public String name() {
            return "foreign";
          }
        };
    assertThrows(IllegalArgumentException.class, () -> driver.lockNestLock(foreign));
    assertThrows(NullPointerException.class, () -> driver.lockNestLock(null));
    assertFalse(driver.isHeld());
  }

  @Test
  void K073_aDowngradeCountsAsARead() {
    mmapLock.writeLock();
    assertUsage("{+...}");
    mmapLock.downgradeWrite();
    assertUsage("{+.+.}");
    mmapLock.readUnlock();
  }

  private void assertUsage(String usage) {
    String held = ((TrackedLock) mmapLock).current().held();
    assertTrue(held.contains("(mm->mmap_lock)" + usage), held);
    assertEquals(1, held.lines().filter(line -> line.contains("#0")).count());
  }
}

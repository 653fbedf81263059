// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.MmStruct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The locks of callbacks: what lockdep knows of notifiers and of the exit of an mm. */
@Timeout(60)
final class CallbackLockTest {

  private final Bench bench = new Bench();
  private final Mutex mutex = bench.kernel.mutex("driver");
  private final IntervalRecorder locking =
      new IntervalRecorder(bench, "i")
          .action(
              range -> {
                mutex.lock();
                mutex.unlock();
                return true;
              });

  /** Lets the callback run once, in peace. */
  private IntervalNotifier told() {
    IntervalNotifier interval = bench.insert(locking, 0x1000, 0x1000);
    bench.end(bench.start(0x1000, 0x2000));
    return interval;
  }

  private void assertMentions(KernelBug bug, String... parts) {
    for (String part : parts) {
      assertTrue(bug.getMessage().contains(part), bug::getMessage);
    }
  }

  @Test
  void N240_readBeginUnderALockOfTheCallback() {
    IntervalNotifier interval = told();
    mutex.lock();
    assertMentions(
        bench.assertBug(Rule.LOCK_ORDER, interval::readBegin),
        "mmu_notifier_invalidate_range_start",
        "driver");
    mutex.unlock();
    interval.readBegin();
    interval.remove();
    bench.close();
  }

  @Test
  void N240_removeUnderALockOfTheCallback() {
    IntervalNotifier interval = told();
    mutex.lock();
    bench.assertBug(Rule.LOCK_ORDER, interval::remove);
    mutex.unlock();
    interval.remove();
    bench.close();
  }

  @Test
  void N144_anInvalidationUnderALockOfTheCallback() {
    IntervalNotifier interval = told();
    mutex.lock();
    bench.assertBug(Rule.LOCK_ORDER, () -> bench.start(0x8000, 0x9000));
    mutex.unlock();
    interval.remove();
    bench.close();
  }

  @Test
  void N240_theReaderMayTakeTheLockAfterwards() {
    IntervalNotifier interval = told();
    bench.mm.mmapLock().readLock();
    long seq = interval.readBegin();
    mutex.lock();
    assertFalse(interval.readRetry(seq));
    mutex.unlock();
    bench.mm.mmapLock().readUnlock();
    interval.remove();
    bench.close();
  }

  @Test
  void N141_aCallbackThatReclaims() {
    IntervalNotifier interval =
        bench.insert(
            new IntervalRecorder(bench, "i")
                .action(
                    range -> {
                      bench.assertBug(
                          Rule.LOCK_ORDER, () -> bench.kernel.allocations().allocate("object"));
                      bench.kernel.allocations().allocateNowait("object").free();
                      return true;
                    }),
            0x1000,
            0x1000);
    bench.end(bench.start(0x1000, 0x2000));
    interval.remove();
    bench.close();
  }

  @Test
  void N145_anAllocationUnderALockOfTheCallback() {
    IntervalNotifier interval = told();
    mutex.lock();
    assertMentions(
        bench.assertBug(Rule.LOCK_ORDER, bench.kernel.context()::mightAlloc),
        "fs_reclaim --> mmu_notifier_invalidate_range_start --> driver");
    mutex.unlock();
    interval.remove();
    bench.close();
  }

  @Test
  void N141_aCallbackThatTakesTheMmapLock() {
    ListNotifier notifier =
        bench.register(
            bench
                .recorder("n")
                .onStart(
                    range -> {
                      bench.assertBug(Rule.LOCK_ORDER, bench.mm.mmapLock()::readLock);
                      return Errno.OK;
                    })
                .startOnly());
    bench.end(bench.start(0x1000, 0x2000));
    notifier.unregister();
    bench.close();
  }

  @Test
  void N241_insertUnderALockThatComesAfterTheMmapLock() {
    bench.mm.mmapLock().readLock();
    mutex.lock();
    mutex.unlock();
    bench.mm.mmapLock().readUnlock();
    IntervalNotifier first = bench.insert(locking, 0x1000, 0x1000);
    IntervalNotifier second = bench.interval(locking);
    mutex.lock();
    bench.assertBug(Rule.LOCK_ORDER, () -> second.insert(bench.mm, 0x3000, 0x1000));
    mutex.unlock();
    assertEquals(Errno.OK, second.insert(bench.mm, 0x3000, 0x1000));
    second.remove();
    first.remove();
    bench.close();
  }

  @Test
  void M013_mmputUnderTheMmapLockThoughItIsNotTheLast() {
    bench.mm.mmget();
    bench.mm.mmapLock().readLock();
    assertMentions(bench.assertBug(Rule.LOCK_ORDER, bench.mm::mmput), "exit_mmap");
    bench.mm.mmapLock().readUnlock();
    assertEquals(2, bench.mm.mmUsers());
    bench.mm.mmput();
    bench.close();
  }

  @Test
  void M013_mmputUnderALockThatReleaseTakes() {
    ListNotifier notifier =
        bench.register(
            bench
                .recorder("n")
                .onRelease(
                    gone -> {
                      mutex.lock();
                      mutex.unlock();
                    })
                .startOnly());
    bench.mm.mmput();
    notifier.unregister();
    MmStruct other = MmStruct.alloc(bench.kernel, new org.hmm4j.impl.mm.TestAddressSpace());
    other.mmget();
    mutex.lock();
    bench.assertBug(Rule.LOCK_ORDER, other::mmput);
    mutex.unlock();
    other.mmput();
    other.mmput();
    bench.close();
  }

  @Test
  void releaseMayDropTheLastUserOfAnotherMm() {
    MmStruct other = MmStruct.alloc(bench.kernel, new org.hmm4j.impl.mm.TestAddressSpace());
    ListNotifier notifier =
        bench.register(bench.recorder("n").onRelease(gone -> other.mmput()).startOnly());
    bench.mm.mmput();
    assertEquals(0, other.mmUsers());
    notifier.unregister();
    bench.close();
  }
}

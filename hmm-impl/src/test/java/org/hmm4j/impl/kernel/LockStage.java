// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.impl.Engine;
import org.hmm4j.impl.mm.TestAddressSpace;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;

/** A kernel of its own and a few locks, for one case of lockdep. */
final class LockStage {

  private static final long PAGE = 0x1000;

  final Kernel kernel = new Engine().boot(KernelOptions.defaults());
  final Mutex a = kernel.mutex("A");
  final Mutex b = kernel.mutex("B");
  final Mutex c = kernel.mutex("C");
  final Mutex otherA = kernel.mutex("A");
  final RwSemaphore r = kernel.rwSemaphore("R");
  final SpinLock s = kernel.spinLock("S");
  final SpinLock t = kernel.spinLock("T");
  final MmStruct mm = MmStruct.alloc(kernel, new TestAddressSpace());

  /** Takes the first, then the second, and releases both. */
  void inOrder(Mutex first, Mutex second) {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }

  void use(SpinLock lock) {
    lock.lock();
    lock.unlock();
  }

  /** Takes the second, with interrupts off, under the first. */
  void inOrder(SpinLock first, SpinLock second) {
    long flags = first.lockIrqsave();
    use(second);
    first.unlockIrqrestore(flags);
  }

  void useIrqsave(SpinLock lock) {
    lock.unlockIrqrestore(lock.lockIrqsave());
  }

  void interrupt(Runnable handler) {
    kernel.context().irqEnter();
    handler.run();
    kernel.context().irqExit();
  }

  /** Runs something in a task of its own; throws what it throws. */
  void beside(Runnable body) {
    var task = kernel.machine().spawn("other", body);
    task.join();
    task.failure()
        .ifPresent(
            failure -> {
              throw (RuntimeException) failure;
            });
  }

  /** Inserts a notifier whose callback takes {@link #a}, and calls it once. */
  MmuIntervalNotifier told() {
    MmuIntervalNotifier interval =
        MmuNotifiers.of(kernel)
            .intervalNotifier(
                (subscription, range, curSeq) -> {
                  a.lock();
                  subscription.setSeq(curSeq);
                  a.unlock();
                  return true;
                });
    interval.insert(mm, PAGE, PAGE);
    invalidate();
    return interval;
  }

  void invalidate() {
    MmuNotifierRange range = MmuNotifierRange.of(mm, MmuNotifierEvent.UNMAP, PAGE, 2 * PAGE);
    MmuNotifiers.of(kernel).invalidateRangeStart(range);
    MmuNotifiers.of(kernel).invalidateRangeEnd(range);
  }
}

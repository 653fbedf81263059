// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.SpinLock;

/**
 * A spin lock that spins a little and then parks: {@code spinlock_t}, include/linux/spinlock.h. The
 * holder is in atomic context; {@code lockIrqsave} answers 1 if interrupts were off before, else 0.
 */
final class ParkingSpinLock extends ExclusiveLock implements SpinLock {

  private static final long IRQS_ON = 0;
  private static final long IRQS_OFF = 1;

  ParkingSpinLock(Tasks tasks, String name) {
    super(tasks, "spin lock", name);
  }

  @Override
  public void lock() {
    current().acquire(this, LockMode.SPIN, true);
  }

  @Override
  public void lockNested(int subclass) {
    current().acquireNested(this, LockMode.SPIN, subclass);
  }

  @Override
  public void lockNestLock(KernelLock nestLock) {
    current().acquireNestLock(this, LockMode.SPIN, nestLock);
  }

  @Override
  public void mightLock() {
    current().checkAcquire(this, LockMode.SPIN);
  }

  @Override
  public boolean tryLock() {
    return current().acquire(this, LockMode.SPIN, false);
  }

  @Override
  public void unlock() {
    current().release(this, LockMode.SPIN);
  }

  @Override
  public long lockIrqsave() {
    TaskContext self = current();
    self.acquire(this, LockMode.SPIN_IRQSAVE, true);
    boolean wereOff = self.atomic().irqsOff();
    self.atomic().irqsOff(true);
    return wereOff ? IRQS_OFF : IRQS_ON;
  }

  @Override
  public void unlockIrqrestore(long flags) {
    TaskContext self = current();
    if (flags != IRQS_ON && flags != IRQS_OFF) {
      throw new KernelBug(
          KernelBug.Rule.BAD_UNLOCK,
          "%s: task %s gives back flags that lockIrqsave never returns: %d"
              .formatted(this, self.task(), flags));
    }
    self.releaseIrqrestore(this, flags == IRQS_OFF);
  }
}

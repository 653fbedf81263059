// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.Mutex;

/** A mutex whose state is its owner: {@code struct mutex}, kernel/locking/mutex.c. */
final class OwnedMutex extends ExclusiveLock implements Mutex {

  OwnedMutex(Tasks tasks, String name) {
    super(tasks, "mutex", name);
  }

  @Override
  public void lock() {
    current().acquire(this, LockMode.MUTEX, true);
  }

  @Override
  public void lockNested(int subclass) {
    current().acquireNested(this, LockMode.MUTEX, subclass);
  }

  @Override
  public void lockNestLock(KernelLock nestLock) {
    current().acquireNestLock(this, LockMode.MUTEX, nestLock);
  }

  @Override
  public void mightLock() {
    current().checkAcquire(this, LockMode.MUTEX);
  }

  @Override
  public boolean tryLock() {
    return current().acquire(this, LockMode.MUTEX, false);
  }

  @Override
  public void unlock() {
    current().release(this, LockMode.MUTEX);
  }
}

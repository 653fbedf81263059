// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelLock;
import org.hmm4j.kernel.Lockdep;

/**
 * The pseudo locks of a kernel, and what lockdep is to its users. They are there also when lockdep
 * is off: a task still enters each one only once.
 */
final class PseudoLocks implements Lockdep {

  private final Tasks tasks;
  private final LockMap fsReclaim;
  private final LockMap pageLock;
  private final LockMap mmExit;

  PseudoLocks(Tasks tasks) {
    this.tasks = tasks;
    this.fsReclaim = pseudoLock("fs_reclaim");
    this.pageLock = pseudoLock("PG_locked");
    this.mmExit = pseudoLock("exit_mmap");
  }

  @Override
  public boolean isOn() {
    return tasks.validator() != null;
  }

  @Override
  public LockMap pseudoLock(String name) {
    return new LockMap(tasks, name);
  }

  @Override
  public LockMap fsReclaim() {
    return fsReclaim;
  }

  @Override
  public LockMap pageLock() {
    return pageLock;
  }

  @Override
  public LockMap mmExit() {
    return mmExit;
  }

  @Override
  public void primeReclaim(KernelLock lock) {
    fsReclaim.acquire();
    try {
      lock.mightLock();
    } finally {
      fsReclaim.release();
    }
  }

  /** {@code might_alloc}; a task that reclaims does not reclaim for its own allocations. */
  void mightAlloc(TaskContext self) {
    self.mightSleep("might_alloc");
    if (isOn() && !self.holds(fsReclaim)) {
      self.checkAcquire(fsReclaim, LockMode.MAP);
    }
  }
}

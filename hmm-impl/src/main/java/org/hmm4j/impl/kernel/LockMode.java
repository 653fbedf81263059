// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.impl.kernel.LockClass.WaitType;

/** How a task holds a lock. */
enum LockMode {
  /** A spin lock, taken with {@code spin_lock}. */
  SPIN("with lock", WaitType.SPINS),
  /** A spin lock, taken with {@code spin_lock_irqsave}. */
  SPIN_IRQSAVE("with lockIrqsave", WaitType.SPINS),
  /** A mutex. */
  MUTEX("with lock", WaitType.SLEEPS),
  /** A read/write semaphore, shared. */
  READ("for read", WaitType.SLEEPS),
  /** A read/write semaphore, alone. */
  WRITE("for write", WaitType.SLEEPS),
  /** A pseudo lock, which nobody ever waits for. */
  MAP("as a pseudo lock", WaitType.NEVER);

  private final String text;
  private final WaitType waitType;

  LockMode(String text, WaitType waitType) {
    this.text = text;
    this.waitType = waitType;
  }

  WaitType waitType() {
    return waitType;
  }

  /** Returns whether the holder may not sleep. */
  boolean atomic() {
    return waitType == WaitType.SPINS;
  }

  /** Returns whether taking the lock may sleep. */
  boolean sleeps() {
    return waitType == WaitType.SLEEPS;
  }

  /** Returns the usage of a lock that is held with interrupts enabled. */
  int enabledUsage() {
    return this == READ ? LockClass.ENABLED_HARDIRQ_READ : LockClass.ENABLED_HARDIRQ;
  }

  @Override
  public String toString() {
    return text;
  }
}

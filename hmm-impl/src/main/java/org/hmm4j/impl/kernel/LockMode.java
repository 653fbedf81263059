// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

/** How a task holds a lock. */
enum LockMode {
  /** A spin lock, taken with {@code spin_lock}. */
  SPIN("with lock", true, false),
  /** A spin lock, taken with {@code spin_lock_irqsave}. */
  SPIN_IRQSAVE("with lockIrqsave", true, false),
  /** A mutex. */
  MUTEX("with lock", false, true),
  /** A read/write semaphore, shared. */
  READ("for read", false, true),
  /** A read/write semaphore, alone. */
  WRITE("for write", false, true),
  /** A pseudo lock, which nobody ever waits for. */
  MAP("as a pseudo lock", false, false);

  private final String text;
  private final boolean atomic;
  private final boolean sleeps;

  LockMode(String text, boolean atomic, boolean sleeps) {
    this.text = text;
    this.atomic = atomic;
    this.sleeps = sleeps;
  }

  /** Returns whether the holder may not sleep. */
  boolean atomic() {
    return atomic;
  }

  /** Returns whether taking the lock may sleep. */
  boolean sleeps() {
    return sleeps;
  }

  @Override
  public String toString() {
    return text;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

/**
 * A lock that is about to be taken in a way that was not seen before: the new {@code struct
 * held_lock}, include/linux/lockdep.h.
 *
 * @param self who takes it
 * @param lock what
 * @param mode how
 * @param type its class
 * @param usage the usage bits that this makes true
 * @param chain the key of the chain with it at the end
 * @param site where
 */
record Acquisition(
    TaskContext self,
    TrackedLock lock,
    LockMode mode,
    LockClass type,
    int usage,
    long chain,
    LockSite site) {

  /** Returns whether a class is taken in interrupts, once this lock is taken. */
  boolean isSafe(LockClass other) {
    return (usageOf(other) & LockClass.USED_IN_HARDIRQ) != 0;
  }

  /** Returns whether a class is taken with interrupts enabled, once this lock is taken. */
  boolean isUnsafe(LockClass other) {
    return (usageOf(other) & LockClass.UNSAFE) != 0;
  }

  private int usageOf(LockClass other) {
    return other == type ? other.usage() | usage : other.usage();
  }

  /** Returns where a usage of a class was seen first. */
  LockSite usageSite(LockClass other, int bits) {
    boolean here = other == type && (usage & ~other.usage() & bits) != 0;
    return here ? site : other.usageSite(bits);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

/**
 * Why one task may not sleep: {@code preempt_count} (include/linux/preempt.h), the interrupt flag
 * and {@code non_block_count} of {@code task_struct}. Not shared.
 */
final class AtomicState {

  private final String callback;
  private int spinLocks;
  private int preemptDepth;
  private int nonBlockDepth;
  private boolean irqsOff;
  private boolean inHardirq;

  /**
   * Makes a state in which nothing forbids sleeping but perhaps the caller.
   *
   * @param callback the atomic callback that this state belongs to, or null for a task
   */
  AtomicState(String callback) {
    this.callback = callback;
  }

  boolean isAtomic() {
    return callback != null || !isBalanced();
  }

  /** Returns whether every section was left that was entered here. */
  boolean isBalanced() {
    return (spinLocks | preemptDepth | nonBlockDepth) == 0 && !irqsOff && !inHardirq;
  }

  void lock() {
    spinLocks++;
  }

  void unlock() {
    spinLocks--;
  }

  void preemptDisable() {
    preemptDepth++;
  }

  /** Leaves a section; false if there is none. */
  boolean preemptEnable() {
    if (preemptDepth == 0) {
      return false;
    }
    preemptDepth--;
    return true;
  }

  void nonBlockStart() {
    nonBlockDepth++;
  }

  /** Leaves a section; false if there is none. */
  boolean nonBlockEnd() {
    if (nonBlockDepth == 0) {
      return false;
    }
    nonBlockDepth--;
    return true;
  }

  boolean irqsOff() {
    return irqsOff;
  }

  void irqsOff(boolean off) {
    irqsOff = off;
  }

  boolean inHardirq() {
    return inHardirq;
  }

  /** An interrupt comes; the caller made sure that they are on. */
  void irqEnter() {
    inHardirq = true;
    irqsOff = true;
  }

  void irqExit() {
    inHardirq = false;
    irqsOff = false;
  }

  /**
   * Returns the bits of {@link LockClass#usage} that taking a lock here makes true: {@code
   * mark_usage}. A try in an interrupt is safe: it fails if the interrupted task holds the lock.
   */
  int usage(LockMode mode, boolean waits) {
    if (inHardirq) {
      return waits ? LockClass.USED_IN_HARDIRQ : 0;
    }
    return irqsOff || mode == LockMode.SPIN_IRQSAVE ? 0 : mode.enabledUsage();
  }

  void reset() {
    inHardirq = false;
    spinLocks = 0;
    preemptDepth = 0;
    nonBlockDepth = 0;
    irqsOff = false;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("atomic state: ");
    if (!isAtomic()) {
      return text.append("none").toString();
    }
    if (callback != null) {
      text.append(callback).append(", ");
    }
    if (inHardirq) {
      text.append("in an interrupt, ");
    }
    if (irqsOff) {
      text.append("interrupts off, ");
    }
    append(text, spinLocks, "spin locks held");
    append(text, preemptDepth, "times preemption disabled");
    append(text, nonBlockDepth, "non-blocking sections");
    return text.substring(0, text.length() - 2);
  }

  private static void append(StringBuilder text, int count, String what) {
    if (count > 0) {
      text.append(count).append(' ').append(what).append(", ");
    }
  }
}

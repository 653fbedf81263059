// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * Where the calling task may and may not sleep: {@code preempt_count}, {@code might_sleep} and
 * {@code non_block_start} of Linux 6.1. Spin locks enter and leave atomic context by themselves.
 */
public interface Context {

  /**
   * Marks an operation that may sleep, whether it will or not: {@code might_sleep}.
   *
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context, with interrupts off
   *     or in a non-blocking section; the message lists the locks held
   */
  void mightSleep();

  /**
   * Returns whether sleeping is forbidden now.
   *
   * @return true in atomic context, with interrupts off or in a non-blocking section
   */
  boolean isAtomic();

  /** Enters atomic context: {@code preempt_disable}. Nests. */
  void preemptDisable();

  /**
   * Leaves atomic context: {@code preempt_enable}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_CONTEXT} without a matching {@link #preemptDisable}
   */
  void preemptEnable();

  /** Begins a section in which sleeping is an error: {@code non_block_start}. Nests. */
  void nonBlockStart();

  /**
   * Ends it: {@code non_block_end}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_CONTEXT} without a matching {@link #nonBlockStart}
   */
  void nonBlockEnd();
}

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
   * Marks an operation that may allocate memory and for that reclaim some, whether it will or not:
   * {@code might_alloc(GFP_KERNEL)}, include/linux/sched/mm.h. With {@link Lockdep} on it enters
   * and leaves {@link Lockdep#fsReclaim}, unless the task reclaims already ({@code PF_MEMALLOC}).
   *
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} as {@link #mightSleep}; {@link
   *     KernelBug.Rule#LOCK_ORDER} under a lock that reclaim takes, such as one of an invalidation
   *     callback
   */
  void mightAlloc();

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

  /**
   * Lets an interrupt come to the calling task, which runs its handler from here on: {@code
   * irq_enter}. Atomic, with interrupts off, so that no second one comes. The handler is its own
   * lock chain: the locks of the task count as held, but not as taken before.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_CONTEXT} if interrupts are off: none can come
   */
  void irqEnter();

  /**
   * Returns from the interrupt: {@code irq_exit}.
   *
   * @throws KernelBug {@link KernelBug.Rule#BAD_CONTEXT} without a matching {@link #irqEnter}; or
   *     if the handler left locks held, which have been given back then
   */
  void irqExit();

  /**
   * Returns whether the caller is an interrupt handler: {@code in_hardirq}.
   *
   * @return true between {@link #irqEnter} and {@link #irqExit}
   */
  boolean inHardirq();
}

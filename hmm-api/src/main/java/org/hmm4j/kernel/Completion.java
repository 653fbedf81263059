// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/** "It is done": {@code struct completion}, kernel/sched/completion.c, Linux 6.1. */
public interface Completion {

  /**
   * Waits until it is done and takes one count of it: {@code wait_for_completion}. Context: may
   * sleep.
   *
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  void waitFor();

  /**
   * As {@link #waitFor}, with a limit: {@code wait_for_completion_timeout}.
   *
   * @param timeoutMillis milliseconds; 0 looks once
   * @return false if the time was over first
   * @throws IllegalArgumentException if the time is negative
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  boolean waitForTimeout(long timeoutMillis);

  /** Lets one waiter, now or later, go on: {@code complete}. Any context. */
  void complete();

  /** Lets all waiters, now and later, go on: {@code complete_all}. Any context. */
  void completeAll();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.function.BooleanSupplier;

/** A queue of tasks that wait for a condition: {@code wait_queue_head_t}, Linux 6.1. */
public interface WaitQueue {

  /**
   * Waits until the condition holds: {@code wait_event}. Context: may sleep; checked also when the
   * condition holds already.
   *
   * @param condition tested before sleeping and after each wake-up
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  void waitEvent(BooleanSupplier condition);

  /**
   * Waits until the condition holds or the time is over: {@code wait_event_timeout}. Context: may
   * sleep; checked also when the condition holds already.
   *
   * @param condition tested before sleeping, after each wake-up and once more at the end
   * @param timeoutMillis milliseconds; 0 tests once
   * @return whether the condition was seen to hold
   * @throws IllegalArgumentException if the time is negative
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  boolean waitEventTimeout(BooleanSupplier condition, long timeoutMillis);

  /**
   * Wakes all who wait, so that they test their condition again: {@code wake_up_all}. Any context.
   */
  void wakeAll();
}

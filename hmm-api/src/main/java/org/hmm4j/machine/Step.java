// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.machine;

/** What a task is about to do at a {@linkplain Machine#preemptionPoint preemption point}. */
public enum Step {
  /** Take a lock, or try to. */
  LOCK,
  /** Release a lock. */
  UNLOCK,
  /** Test a condition, and sleep if it does not hold. */
  WAIT,
  /** Wake those who wait. */
  WAKE,
  /** Change a reference count. */
  COUNT,
  /** Allocate or free an object. */
  ALLOCATE,
  /** Read an entry of a page table, or go on to the next block of a walk. */
  WALK,
  /** Enter or leave a callback of a driver. */
  CALLBACK
}

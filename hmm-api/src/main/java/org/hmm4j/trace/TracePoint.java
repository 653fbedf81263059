// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

/**
 * What a {@link TraceEvent} tells: the tracepoints of the kernel, in the manner of
 * include/trace/events/lock.h and sched.h, Linux 6.1. Each says what the parts of the event mean;
 * parts that are not named are null and 0.
 */
public enum TracePoint {
  /** A task has to wait for a lock. Object: the lock; detail: how it wants it. */
  LOCK_CONTENDED,
  /** A task has got a lock. Object: the lock; detail: how it holds it. */
  LOCK_ACQUIRED,
  /** A task is about to give a lock back. Object: the lock; detail: how it held it. */
  LOCK_RELEASED,
  /** A read section began. Object: the SRCU domain; to: its index. */
  SRCU_ENTERED,
  /** A read section is about to end. Object: the SRCU domain; from: its index. */
  SRCU_LEFT,
  /** A task is about to sleep until a condition holds. Object: where it stands in line. */
  WAITS,
  /** A task lets another one run that may sleep. Object: the other task. */
  WOKEN,
  /** An invalidation is announced, before any callback. Object: the mm; detail: the range. */
  INVALIDATION_BEGUN,
  /** An announced invalidation can't begin and gets no end. Object: the mm; detail: the range. */
  INVALIDATION_FAILED,
  /** An invalidation has ended, after the last callback. Object: the mm; detail: the range. */
  INVALIDATION_ENDED,
  /**
   * A task looks whether it has to wait for running invalidations. Object: the wait queue; detail:
   * the mm.
   */
  INVALIDATION_AWAITED,
  /** A callback is called. Object: the subscriber; detail: the name of the callback. */
  CALLBACK_ENTERED,
  /** A callback has returned or thrown. Object: the subscriber; detail: as when it was called. */
  CALLBACK_LEFT,
  /**
   * A sequence number has changed. Object: the mm or interval notifier; from and to: the values.
   */
  SEQUENCE_CHANGED,
  /** A reader has begun. Object: the interval notifier; to: the sequence number it goes by. */
  SEQUENCE_READ,
  /**
   * A reader looks for a collision. Object: the interval notifier; from: what it goes by; to: what
   * it is now.
   */
  SEQUENCE_CHECKED,
  /** A range became valid or invalid. Object: the range; from and to: 1 if valid. */
  RANGE_CHANGED,
  /** A driver asks whether a range is valid. Object: the range; to: 1 if it is. */
  RANGE_CHECKED,
  /** A reference count has changed. Object: the count; from and to: the values. */
  COUNT_CHANGED,
  /** An object was made. Object: its record; detail: its type and number. */
  ALLOCATED,
  /** An object was freed. Object: its record; detail: its type and number. */
  FREED,
  /**
   * An entry of a page table has changed. Object: the mm, or the page table of a device; address:
   * where; from and to: the entries; detail: the same for people.
   */
  ENTRY_CHANGED,
  /** The kernel warned. Object: the message. */
  WARNED
}

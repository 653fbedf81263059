// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

/**
 * Something that a task had open for some time.
 *
 * @param kind what
 * @param task whose
 * @param object the lock, the domain, the mm, the subscriber; for a sleep what it waited for
 * @param detail how a lock is held, what is invalidated, which callback; may be empty
 * @param from the step in which it began
 * @param to the step in which it ended; the number of steps if it never did
 * @param ended whether it ended
 */
public record RunSpan(
    Kind kind, int task, String object, String detail, int from, int to, boolean ended) {

  /** What a task can have open. */
  public enum Kind {
    /** A lock that it holds. */
    LOCK,
    /** An SRCU read section. */
    SECTION,
    /** An invalidation between start and end. */
    INVALIDATION,
    /** A callback that it is in. */
    CALLBACK,
    /** It sleeps. */
    SLEEP
  }

  /**
   * Returns whether it was open after a step.
   *
   * @param step the number of a step
   * @return true from the step in which it began to the one before its end
   */
  public boolean covers(int step) {
    return from <= step && step < to;
  }

  /**
   * Says what it is.
   *
   * @return for example {@code "mutex 'a'"}, {@code "CLEAR [0x1000, 0x2000)"}
   */
  public String text() {
    return switch (kind) {
      case INVALIDATION -> detail;
      case CALLBACK -> detail + " of " + object;
      default -> detail.isEmpty() ? object : object + " " + detail;
    };
  }
}

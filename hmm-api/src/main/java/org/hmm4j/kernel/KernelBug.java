// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A misuse on which the kernel would crash, hang or corrupt memory. The message names the object,
 * who holds or freed it, and the rule; the state of the engine is as before the call, with every
 * lock and count that the call had taken given back; except where a callback threw in a call that
 * ends something (an exit, an unregister): that is carried through first.
 */
public final class KernelBug extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The rule that was broken. */
  private final Rule rule;

  /**
   * Makes a report.
   *
   * @param rule the rule that was broken
   * @param message the object, the holder or freer, and what was expected
   */
  public KernelBug(Rule rule, String message) {
    this(rule, message, null);
  }

  /**
   * Makes a report with a cause.
   *
   * @param rule the rule that was broken
   * @param message the object, the holder or freer, and what was expected
   * @param cause the exception of a callback, or the place where the object was freed; may be null
   */
  public KernelBug(Rule rule, String message, Throwable cause) {
    super(rule + ": " + message, cause);
    this.rule = rule;
  }

  /**
   * Returns the rule that was broken.
   *
   * @return the rule
   */
  public Rule rule() {
    return rule;
  }

  /** The rules whose breach is a {@link KernelBug}. */
  public enum Rule {
    /** A lock is released by a task that does not hold it in that mode. */
    BAD_UNLOCK,
    /**
     * A task takes a lock that it holds already and that is not recursive, or a second lock of a
     * class without saying which comes first.
     */
    RECURSIVE_LOCK,
    /** A lock is taken against the order in which locks of these classes were taken before. */
    LOCK_ORDER,
    /** A lock that an interrupt takes is held, or waits for one that is held, with them enabled. */
    IRQ_UNSAFE,
    /** The book of lock classes and their order is full, or a task holds too many locks. */
    LOCKDEP_LIMIT,
    /** A lock that has to be held at this place is not. */
    LOCK_NOT_HELD,
    /**
     * A call in a situation in which it can never be right: waiting for oneself, leaving a section
     * that was not entered, ending a task with locks held, dropping a lock that has to be kept.
     */
    BAD_CONTEXT,
    /** An operation that may sleep was called where sleeping is forbidden. */
    SLEEP_IN_ATOMIC,
    /** An object is used after it was freed or unregistered. */
    USE_AFTER_FREE,
    /** An object is freed or unregistered a second time. */
    DOUBLE_FREE,
    /** An object is used that was never registered, allocated or inserted. */
    NOT_REGISTERED,
    /** An object is registered that is registered already. */
    ALREADY_REGISTERED,
    /** An invalidation ends that has not begun. */
    UNBALANCED_END,
    /** An object is freed or destroyed while others still use it. */
    STILL_IN_USE,
    /** Objects were not freed when the kernel was shut down. */
    LEAK,
    /** An address space is used whose last user has gone. */
    MM_GONE,
    /** A callback of a driver threw an exception. */
    CALLBACK_THREW
  }
}

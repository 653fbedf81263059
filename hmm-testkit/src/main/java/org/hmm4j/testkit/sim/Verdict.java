// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.kernel.KernelBug;

/** What is wrong with a run. */
public enum Verdict {
  /** An assertion or an invariant does not hold. */
  ASSERTION,
  /** No task can go on: each waits for another. */
  DEADLOCK,
  /** No task can go on, but one would, had it been woken. */
  LOST_WAKEUP,
  /** Everybody gets his turn and nobody gets on. */
  LIVELOCK,
  /** Somebody gets his turn and never gets on, while others do. */
  STARVATION,
  /** Objects were left at the end. */
  LEAK,
  /** Something was used after it was freed, or freed twice. */
  USE_AFTER_FREE,
  /** Locks in a wrong order, or one that interrupts take, with interrupts on. */
  LOCKDEP,
  /** A call that is never right there, and would crash a kernel. */
  MISUSE,
  /** The kernel warned. */
  WARNING,
  /** Any other exception. */
  EXCEPTION,
  /** The same choices did not give the same run. */
  NONDETERMINISM;

  /** Returns what an exception of a task means. */
  static Verdict of(Throwable thrown) {
    if (thrown instanceof KernelBug bug) {
      return reportsAnother(bug) ? of(bug.getCause()) : of(bug.rule());
    }
    if (thrown instanceof WarningsLeft) {
      return WARNING;
    }
    return thrown instanceof AssertionError ? ASSERTION : EXCEPTION;
  }

  /** Whether a bug is what became of another: in a callback, or with something held. */
  private static boolean reportsAnother(KernelBug bug) {
    return bug.getCause() != null
        && (bug.rule() == KernelBug.Rule.CALLBACK_THREW
            || bug.rule() == KernelBug.Rule.BAD_CONTEXT);
  }

  private static Verdict of(KernelBug.Rule rule) {
    return switch (rule) {
      case LOCK_ORDER, RECURSIVE_LOCK, IRQ_UNSAFE, LOCKDEP_LIMIT -> LOCKDEP;
      case USE_AFTER_FREE, DOUBLE_FREE -> USE_AFTER_FREE;
      case LEAK -> LEAK;
      default -> MISUSE;
    };
  }
}

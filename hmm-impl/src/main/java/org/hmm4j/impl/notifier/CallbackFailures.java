// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import org.hmm4j.kernel.KernelBug;

/**
 * What the callbacks of one round threw. Everybody is called first; then the first failure is
 * thrown with the others attached, so that no exception of one driver hides an invalidation from
 * another.
 */
public final class CallbackFailures {

  private KernelBug first;

  public void add(Object subscriber, Throwable thrown) {
    KernelBug bug =
        thrown instanceof KernelBug already
            ? already
            : new KernelBug(
                KernelBug.Rule.CALLBACK_THREW,
                "a callback of " + subscriber + " threw " + thrown,
                thrown);
    if (first == null) {
      first = bug;
    } else if (first != bug) {
      first.addSuppressed(bug);
    }
  }

  boolean isEmpty() {
    return first == null;
  }

  public void throwIfAny() {
    if (first != null) {
      throw first;
    }
  }

  /** Attaches what was thrown to an exception that is on its way already. */
  void suppressIn(Throwable thrown) {
    if (first != null) {
      thrown.addSuppressed(first);
    }
  }
}

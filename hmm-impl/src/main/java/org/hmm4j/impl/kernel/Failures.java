// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;

/**
 * What steps threw that must all be done, such as the callbacks of one round: the first failure is
 * thrown after the last step, with the others attached, so that no exception of one driver hides an
 * invalidation from another.
 */
public final class Failures {

  private KernelBug first;

  /** Adds what a callback threw. */
  public void add(Object subscriber, Throwable thrown) {
    add(
        thrown instanceof KernelBug already
            ? already
            : new KernelBug(
                KernelBug.Rule.CALLBACK_THREW,
                "a callback of " + subscriber + " threw " + thrown,
                thrown));
  }

  void add(KernelBug bug) {
    if (first == null) {
      first = bug;
    } else if (first != bug) {
      first.addSuppressed(bug);
    }
  }

  public boolean isEmpty() {
    return first == null;
  }

  public void throwIfAny() {
    if (first != null) {
      throw first;
    }
  }

  /** Attaches what was thrown to an exception that is on its way already. */
  public void suppressIn(Throwable thrown) {
    if (first != null) {
      thrown.addSuppressed(first);
    }
  }
}

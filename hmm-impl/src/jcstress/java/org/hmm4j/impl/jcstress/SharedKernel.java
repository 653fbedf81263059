// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import org.hmm4j.impl.Engine;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * The kernel of this JVM, with lockdep on. A kernel for each state would be slower by far, and
 * would give each actor a new task each time; jcstress runs each test in JVMs of its own, so that
 * tests do not share it.
 */
final class SharedKernel {

  static final Kernel KERNEL = new Engine().boot(KernelOptions.defaults());

  /** The limit of waits that must not need it. */
  static final long PATIENCE_MILLIS = 10_000;

  /** A wait that took as long as this was ended by its limit and not by a wake-up. */
  private static final long LATE_NANOS = 9_000_000_000L;

  private static final int LINGER_SPINS = 30;

  private SharedKernel() {}

  static MmStruct mm() {
    return MmStruct.alloc(KERNEL, new EmptySpace());
  }

  /** What an invalidator changes: the first page of {@link EmptySpace}. */
  static MmuNotifierRange firstPage(MmStruct mm) {
    return MmuNotifierRange.of(
        mm, MmuNotifierEvent.CLEAR, EmptySpace.BASE, EmptySpace.BASE + EmptySpace.PAGE);
  }

  /** Gives the other actor time to run into what the caller is doing. */
  static void linger() {
    for (int i = 0; i < LINGER_SPINS; i++) {
      Thread.onSpinWait();
    }
  }

  static boolean late(long since) {
    return System.nanoTime() - since > LATE_NANOS;
  }
}

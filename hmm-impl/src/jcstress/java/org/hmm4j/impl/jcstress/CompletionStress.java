// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.Completion;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A completion lets as many go on as it was completed for, loses nobody, and publishes what was
 * done before.
 */
public final class CompletionStress {

  private CompletionStress() {}

  /** One waits for the work of the other. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Went on, and saw the work.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "EARLY: went on without seeing the work.")
  @Outcome(id = "-1", expect = FORBIDDEN, desc = "LOST WAKE-UP: waited until the limit.")
  @State
  public static class WaitAndComplete {
    private final Completion completion = KERNEL.completion("stress completion");
    private int work;

    @Actor
    public void waiter(I_Result r) {
      long since = System.nanoTime();
      boolean done = completion.waitForTimeout(SharedKernel.PATIENCE_MILLIS);
      r.r1 = !done || SharedKernel.late(since) ? -1 : work;
    }

    @Actor
    public void worker() {
      work = 1;
      completion.complete();
    }
  }

  /** Two look for the one count that there is. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The first actor took it.")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The second actor took it.")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "TAKEN TWICE: one complete let two go on.")
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "LOST COUNT: nobody got it.")
  @State
  public static class OneCount {
    private final Completion completion = KERNEL.completion("stress completion");

    public OneCount() {
      completion.complete();
    }

    @Actor
    public void first(II_Result r) {
      r.r1 = completion.waitForTimeout(0) ? 1 : 0;
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = completion.waitForTimeout(0) ? 1 : 0;
    }
  }
}

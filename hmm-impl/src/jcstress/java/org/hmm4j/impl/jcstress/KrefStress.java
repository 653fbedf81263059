// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.Kref;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The last put, and no other, runs the release, once, and it sees what all holders did before their
 * puts; a reference that was got keeps the object from being released.
 */
public final class KrefStress {

  private KrefStress() {}

  /** Two holders write to the object and put it. */
  @JCStressTest
  @Outcome(id = "1, 0, 1, 2", expect = ACCEPTABLE, desc = "The first put was the last one.")
  @Outcome(id = "0, 1, 1, 2", expect = ACCEPTABLE, desc = "The second put was the last one.")
  @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "LEAK: no put was the last one.")
  @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "DOUBLE RELEASE: both puts were the last.")
  @Outcome(
      id = "., ., 1, [01]",
      expect = FORBIDDEN,
      desc = "EARLY RELEASE: it did not see what a holder wrote before its put.")
  @State
  public static class LastPut {
    private int left;
    private int right;
    private int releases;
    private int seen;
    private final Kref kref = KERNEL.kref("stress object", this::release);

    public LastPut() {
      kref.get();
    }

    private void release() {
      releases++;
      seen = left + right;
    }

    @Actor
    public void first(IIII_Result r) {
      left = 1;
      r.r1 = kref.put() ? 1 : 0;
    }

    @Actor
    public void second(IIII_Result r) {
      right = 1;
      r.r2 = kref.put() ? 1 : 0;
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = releases;
      r.r4 = seen;
    }
  }

  /** One holder puts, the other actor looks the object up. */
  @JCStressTest
  @Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "Too late: no reference, released once.")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Got it in time: alive under the reference.")
  @Outcome(
      id = "1, .",
      expect = FORBIDDEN,
      desc = "REFERENCE TO A RELEASED OBJECT: a get succeeded from zero.")
  @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "LEAK: never released.")
  @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "DOUBLE RELEASE: released twice.")
  @State
  public static class GetUnlessZeroAndPut {
    private volatile int releases;
    private final Kref kref = KERNEL.kref("stress object", () -> releases = releases + 1);

    @Actor
    public void holder() {
      kref.put();
    }

    @Actor
    public void finder(II_Result r) {
      if (kref.getUnlessZero()) {
        SharedKernel.linger();
        r.r1 = releases;
        kref.put();
      } else {
        r.r1 = -1;
      }
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = releases;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.function.Supplier;
import org.hmm4j.kernel.Srcu;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A grace period waits for the sections that were open when it began.
 *
 * <p>An updater takes an object away from its readers, waits for a grace period and frees it: a
 * plain store, which a reader in its section must not see. In the second test one epoch ends after
 * the other, so that a reader which picked one and was then overtaken has to look again. In the
 * third the callback must also see what the reader did inside its section.
 */
public final class SrcuStress {

  private SrcuStress() {}

  /** What readers find; all its fields are plain. */
  static final class Shared {
    int freed;
    int used;
  }

  /** One reader, one grace period. */
  @JCStressTest
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The reader came too late and found nothing.")
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "The reader found it, and it stayed alive.")
  @Outcome(id = "1", expect = FORBIDDEN, desc = "USE AFTER FREE: freed while a reader had it.")
  @State
  public static class Synchronize {
    private final Srcu srcu = KERNEL.srcu("stress domain");
    private volatile Shared pointer = new Shared();

    @Actor
    public void reader(I_Result r) {
      r.r1 = read(srcu, () -> pointer);
    }

    @Actor
    public void updater() {
      Shared old = pointer;
      pointer = null;
      srcu.synchronize();
      old.freed = 1;
    }

    @Arbiter
    public void after(I_Result r) {
      cleanup(srcu);
    }
  }

  /**
   * A reader that is overtaken: between its look at the epoch and its count, the epoch ends and is
   * passed, and later grace periods don't look at it again. The window is small, so both go round,
   * and the updater never waits: what the reader finds is freed by the round after it.
   */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "All that the reader found stayed alive.")
  @Outcome(id = "1", expect = FORBIDDEN, desc = "USE AFTER FREE: freed while a reader had it.")
  @State
  public static class Overtaken {
    private static final int SECTIONS = 50;
    private static final int ROUNDS = 200;

    private final Srcu srcu = KERNEL.srcu("stress domain");
    private volatile Shared pointer = new Shared();

    @Actor
    public void reader(I_Result r) {
      int freed = 0;
      for (int i = 0; i < SECTIONS; i++) {
        freed |= read(srcu, () -> pointer);
      }
      r.r1 = freed;
    }

    @Actor
    public void updater() {
      for (int i = 0; i < ROUNDS; i++) {
        // A grace period ends an epoch only if that has a section.
        int index = srcu.readLock();
        Shared old = pointer;
        pointer = new Shared();
        srcu.call(() -> old.freed = 1);
        srcu.readUnlock(index);
      }
    }

    @Arbiter
    public void after(I_Result r) {
      srcu.barrier();
      cleanup(srcu);
    }
  }

  /** One reader, one callback. */
  @JCStressTest
  @Outcome(id = "-1, 0, 1", expect = ACCEPTABLE, desc = "The reader found nothing.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The callback came after the reader.")
  @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "USE AFTER FREE: freed while a reader had it.")
  @Outcome(
      id = "0, 0, 1",
      expect = FORBIDDEN,
      desc = "EARLY CALLBACK: it did not see what the reader did.")
  @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "LOST CALLBACK: a barrier did not run it.")
  @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "CALLBACK TWICE.")
  @State
  public static class Call {
    private final Srcu srcu = KERNEL.srcu("stress domain");
    private volatile Shared pointer = new Shared();
    private int seen;
    private int callbacks;

    @Actor
    public void reader(III_Result r) {
      r.r1 = read(srcu, () -> pointer);
    }

    @Actor
    public void updater() {
      Shared old = pointer;
      pointer = null;
      srcu.call(
          () -> {
            old.freed = 1;
            seen = old.used;
            callbacks++;
          });
    }

    @Arbiter
    public void after(III_Result r) {
      srcu.barrier();
      r.r2 = seen;
      r.r3 = callbacks;
      cleanup(srcu);
    }
  }

  /** Ends the domain of one state, of which there are millions. */
  private static void cleanup(Srcu srcu) {
    srcu.cleanup();
    if (KERNEL.warnCount() > 0) {
      throw new AssertionError(KERNEL.warnings());
    }
  }

  /** Returns whether what was found was freed, -1 if nothing was. */
  private static int read(Srcu srcu, Supplier<Shared> pointer) {
    int index = srcu.readLock();
    try {
      Shared found = pointer.get();
      if (found == null) {
        return -1;
      }
      SharedKernel.linger();
      found.used = 1;
      return found.freed;
    } finally {
      srcu.readUnlock(index);
    }
  }
}

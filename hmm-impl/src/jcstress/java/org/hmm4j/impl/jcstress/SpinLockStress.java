// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.SpinLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A spin lock excludes, and what its holder wrote is seen by the next holder.
 *
 * <p>All fields are plain: only the lock orders the accesses. Without exclusion two increments can
 * become one; without the edge from unlock to lock a holder can see part of what the one before
 * wrote.
 */
public final class SpinLockStress {

  private SpinLockStress() {}

  /** Both actors take the lock and count. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "The first actor was first, then the second.")
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "The second actor was first.")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "LOST UPDATE: both held the lock at once.")
  @State
  public static class Exclusion {
    private final SpinLock lock = KERNEL.spinLock("stress lock");
    private int count;

    @Actor
    public void first(II_Result r) {
      lock.lock();
      r.r1 = ++count;
      lock.unlock();
    }

    @Actor
    public void second(II_Result r) {
      lock.lock();
      r.r2 = ++count;
      lock.unlock();
    }
  }

  /** A holder writes two fields, the other actor tries the lock and reads them. */
  @JCStressTest
  @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "The lock was held: the reader went away.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The reader was first.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The reader came after the writer.")
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = FORBIDDEN,
      desc = "TORN PAIR: the reader held the lock amid the writes, or did not see one of them.")
  @State
  public static class Publication {
    private final SpinLock lock = KERNEL.spinLock("stress lock");
    private int left;
    private int right;

    @Actor
    public void writer() {
      lock.lock();
      left = 1;
      right = 1;
      lock.unlock();
    }

    @Actor
    public void reader(II_Result r) {
      if (lock.tryLock()) {
        r.r1 = left;
        r.r2 = right;
        lock.unlock();
      } else {
        r.r1 = -1;
        r.r2 = -1;
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.RwSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A writer excludes everybody, and a downgrade leaves no gap for another writer.
 *
 * <p>All fields are plain, so that a missing edge from unlock to lock shows as well as a missing
 * exclusion.
 */
public final class RwSemaphoreStress {

  private RwSemaphoreStress() {}

  /** A writer changes a pair, a reader reads it. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The reader was first.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The writer was first.")
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = FORBIDDEN,
      desc = "TORN PAIR: the reader read while the writer wrote.")
  @State
  public static class WriterAndReader {
    private final RwSemaphore lock = KERNEL.rwSemaphore("stress lock");
    private int left;
    private int right;

    @Actor
    public void writer() {
      lock.writeLock();
      left = 1;
      right = 1;
      lock.writeUnlock();
    }

    @Actor
    public void reader(II_Result r) {
      lock.readLock();
      r.r1 = left;
      r.r2 = right;
      lock.readUnlock();
    }
  }

  /** Two writers count. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "The first actor was first, then the second.")
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "The second actor was first.")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "LOST UPDATE: two writers at once.")
  @State
  public static class TwoWriters {
    private final RwSemaphore lock = KERNEL.rwSemaphore("stress lock");
    private int count;

    @Actor
    public void first(II_Result r) {
      lock.writeLock();
      r.r1 = ++count;
      lock.writeUnlock();
    }

    @Actor
    public void second(II_Result r) {
      lock.writeLock();
      r.r2 = ++count;
      lock.writeUnlock();
    }
  }

  /** A writer becomes a reader and still finds what it wrote; another writer waits meanwhile. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The other writer was first.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The other writer waited for the read hold.")
  @Outcome(
      id = {"2, 0", "2, 1"},
      expect = FORBIDDEN,
      desc = "GAP IN THE DOWNGRADE: a writer came in between.")
  @State
  public static class Downgrade {
    private final RwSemaphore lock = KERNEL.rwSemaphore("stress lock");
    private int value;

    @Actor
    public void downgrader(II_Result r) {
      lock.writeLock();
      value = 1;
      lock.downgradeWrite();
      r.r1 = value;
      lock.readUnlock();
    }

    @Actor
    public void writer(II_Result r) {
      lock.writeLock();
      r.r2 = value;
      value = 2;
      lock.writeUnlock();
    }
  }
}

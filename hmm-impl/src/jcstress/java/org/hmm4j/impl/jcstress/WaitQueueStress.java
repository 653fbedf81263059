// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.WaitQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * No wake-up is lost: a waiter enters the queue before it tests its condition, a waker changes the
 * condition before it looks at the queue.
 *
 * <p>The condition is about a plain field, as the wake-up alone must publish it. The wait has a
 * limit, and would find the condition true at its end also without a wake-up, so the time is looked
 * at: who waited until the limit was not woken.
 */
public final class WaitQueueStress {

  private WaitQueueStress() {}

  private static int answer(boolean seen, long since) {
    if (!seen) {
      return 0;
    }
    return SharedKernel.late(since) ? -1 : 1;
  }

  /** A condition that reads a field. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Woken, or the condition was true already.")
  @Outcome(id = "-1", expect = FORBIDDEN, desc = "LOST WAKE-UP: slept until the limit.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "LOST STORE: false even after the limit.")
  @State
  public static class PlainCondition {
    private final WaitQueue queue = KERNEL.waitQueue("stress queue");
    private boolean done;

    @Actor
    public void waiter(I_Result r) {
      long since = System.nanoTime();
      r.r1 = answer(queue.waitEventTimeout(() -> done, SharedKernel.PATIENCE_MILLIS), since);
    }

    @Actor
    public void waker() {
      done = true;
      queue.wakeAll();
    }
  }

  /** A condition that takes a lock, and in doing so may use up the permit of the task. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Woken, or the condition was true already.")
  @Outcome(id = "-1", expect = FORBIDDEN, desc = "LOST WAKE-UP: slept until the limit.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "LOST STORE: false even after the limit.")
  @State
  public static class LockedCondition {
    private final WaitQueue queue = KERNEL.waitQueue("stress queue");
    private final SpinLock lock = KERNEL.spinLock("stress lock");
    private boolean done;

    private boolean isDone() {
      lock.lock();
      try {
        return done;
      } finally {
        lock.unlock();
      }
    }

    @Actor
    public void waiter(I_Result r) {
      long since = System.nanoTime();
      r.r1 = answer(queue.waitEventTimeout(this::isDone, SharedKernel.PATIENCE_MILLIS), since);
    }

    @Actor
    public void waker() {
      lock.lock();
      done = true;
      queue.wakeAll();
      lock.unlock();
    }
  }
}

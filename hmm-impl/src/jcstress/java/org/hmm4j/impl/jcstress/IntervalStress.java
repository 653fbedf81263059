// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The interval protocol: who was not told to retry has read what is there, and a removed interval
 * is not called.
 *
 * <p>Copies of the page of the CPU, a plain field, go to a device. The callback takes the copy
 * away. During an invalidation the device must have none, and after it none but the new one: an old
 * copy means that readRetry did not see a callback which was finished, or that an interval came in
 * amid an invalidation and its reader did not wait for the end.
 */
public final class IntervalStress {

  private IntervalStress() {}

  /** A device of one page, with its lock, over an address space of one page. */
  abstract static class World {
    final MmuNotifiers notifiers = MmuNotifiers.of(KERNEL);
    final MmStruct mm = SharedKernel.mm();
    final SpinLock lock = KERNEL.spinLock("stress device");
    final MmuIntervalNotifier interval = notifiers.intervalNotifier(this::callback);

    /** The page of the CPU, 1 and later 2. Plain: the protocol alone has to order it. */
    int cpu = 1;

    /** What the device has of it, 0 for nothing; under the lock. */
    int device;

    /** When the interval was called last, and how often; under the lock. */
    int calls;

    volatile boolean gone;
    volatile int inside;
    volatile int afterwards;

    private boolean callback(MmuIntervalNotifier called, MmuNotifierRange range, long seq) {
      inside++;
      if (gone) {
        afterwards++;
      }
      lock.lock();
      called.setSeq(seq);
      device = 0;
      calls++;
      lock.unlock();
      SharedKernel.linger();
      inside--;
      return true;
    }

    final void insert() {
      Errno answer = interval.insert(mm, EmptySpace.BASE, EmptySpace.PAGE);
      if (answer != Errno.OK) {
        throw new AssertionError(answer);
      }
    }

    final int remove() {
      interval.remove();
      gone = true;
      return inside;
    }

    /** Changes the page; returns what the device had of it meanwhile. */
    final int change() {
      MmuNotifierRange change = SharedKernel.firstPage(mm);
      notifiers.invalidateRangeStart(change);
      lock.lock();
      int seen = device;
      lock.unlock();
      cpu = 2;
      notifiers.invalidateRangeEnd(change);
      return seen;
    }

    /** Copies the page to the device unless that collides; one round. */
    final void mirror() {
      long seq = interval.readBegin();
      int copy = cpu;
      lock.lock();
      if (!interval.readRetry(seq)) {
        device = copy;
      }
      lock.unlock();
    }
  }

  /** A reader of an interval that is there against an invalidation. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The copy was taken away, or retry was told.")
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "The reader came after the end.")
  @Outcome(
      id = "[12], .",
      expect = FORBIDDEN,
      desc = "MAPPED DURING AN INVALIDATION: the device has the page while it changes.")
  @Outcome(id = "., 1", expect = FORBIDDEN, desc = "STALE COPY: a finished callback was not seen.")
  @State
  public static class Read extends World {
    public Read() {
      insert();
    }

    @Actor
    public void invalidator(II_Result r) {
      r.r1 = change();
    }

    @Actor
    public void reader() {
      mirror();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = device;
      remove();
      mm.mmput();
    }
  }

  /** An interval comes in amid an invalidation, of which it need not be told, and is read. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The copy was taken away, or retry was told.")
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "The reader came after the end.")
  @Outcome(
      id = "[12], .",
      expect = FORBIDDEN,
      desc = "MAPPED DURING AN INVALIDATION: the device has the page while it changes.")
  @Outcome(id = "., 1", expect = FORBIDDEN, desc = "STALE COPY: the reader did not wait.")
  @State
  public static class InsertAndRead extends World {
    private final MmuIntervalNotifier support =
        notifiers.intervalNotifier((called, range, seq) -> true);

    public InsertAndRead() {
      Errno answer = support.insert(mm, EmptySpace.BASE + EmptySpace.PAGE, EmptySpace.PAGE);
      if (answer != Errno.OK) {
        throw new AssertionError(answer);
      }
    }

    @Actor
    public void invalidator(II_Result r) {
      r.r1 = change();
    }

    @Actor
    public void driver() {
      insert();
      mirror();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = device;
      remove();
      support.remove();
      mm.mmput();
    }
  }

  /** An interval goes while an invalidation comes and goes; then comes another one. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "Removed first: never called.")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "Called once, and remove waited for that.")
  @Outcome(id = "[1-9], .*", expect = FORBIDDEN, desc = "STILL RUNNING: remove did not wait.")
  @Outcome(id = "., [1-9], .", expect = FORBIDDEN, desc = "LATE CALLBACK: after remove returned.")
  @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "REMOVED, YET CALLED by the next invalidation.")
  @State
  public static class Remove extends World {
    public Remove() {
      insert();
    }

    @Actor
    public void invalidator() {
      change();
    }

    @Actor
    public void driver(III_Result r) {
      r.r1 = remove();
    }

    @Arbiter
    public void after(III_Result r) {
      change();
      r.r2 = afterwards;
      r.r3 = calls;
      mm.mmput();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A range is never valid while an invalidation of it runs, whether it was registered before the
 * start, amid it or before the end, and is valid again after the last end.
 *
 * <p>The invalidator says that it runs after its start has returned, and that it is done before it
 * calls the end. Who finds it running both before and after a look at the range has looked in
 * between.
 */
public final class RangeStress {

  private RangeStress() {}

  /** An address space, a mirror and a range of it. */
  abstract static class World implements HmmMirrorOps {
    final MmuNotifiers notifiers = MmuNotifiers.of(KERNEL);
    final MmStruct mm = SharedKernel.mm();
    final HmmMirror mirror = Hmm.of(KERNEL).mirror(this);
    final HmmRange range = HmmRange.of(EmptySpace.BASE, EmptySpace.BASE + EmptySpace.PAGE);
    volatile boolean running;

    World() {
      mm.mmapLock().writeLock();
      Errno answer = mirror.register(mm);
      mm.mmapLock().writeUnlock();
      expectOk(answer);
    }

    @Override
    public Errno syncCpuDevicePagetables(HmmMirror called, HmmUpdate update) {
      return Errno.OK;
    }

    final void invalidate() {
      MmuNotifierRange change = SharedKernel.firstPage(mm);
      notifiers.invalidateRangeStart(change);
      running = true;
      SharedKernel.linger();
      running = false;
      notifiers.invalidateRangeEnd(change);
    }

    final void rangeRegister() {
      expectOk(mirror.rangeRegister(range));
    }

    /** Returns 0 if the range is not valid, 1 if it is, 2 if it is and must not be. */
    final int look() {
      boolean before = running;
      boolean valid = range.valid();
      boolean after = running;
      if (!valid) {
        return 0;
      }
      return before && after ? 2 : 1;
    }

    final int end() {
      int valid = mirror.rangeUnregister(range) ? 1 : 0;
      mirror.unregister();
      mm.mmput();
      return valid;
    }

    private static void expectOk(Errno answer) {
      if (answer != Errno.OK) {
        throw new AssertionError(answer);
      }
    }
  }

  /** The range is registered while an invalidation comes and goes. */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Registered amid it; valid after the end.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Registered before the start or after the end.")
  @Outcome(id = "2, .", expect = FORBIDDEN, desc = "VALID DURING AN INVALIDATION.")
  @Outcome(id = "., 0", expect = FORBIDDEN, desc = "LOST END: not valid when all is over.")
  @State
  public static class Register extends World {

    @Actor
    public void invalidator() {
      invalidate();
    }

    @Actor
    public void driver(II_Result r) {
      rangeRegister();
      r.r1 = look();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = end();
    }
  }

  /** The range is there before, and its driver waits until it is valid. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Seen valid before the start or after it.")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "Seen valid, and then came the start.")
  @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "LOST WAKE-UP: slept until the limit.")
  @Outcome(id = "., 2, .", expect = FORBIDDEN, desc = "VALID DURING AN INVALIDATION.")
  @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "LOST END: not valid when all is over.")
  @State
  public static class WaitUntilValid extends World {
    public WaitUntilValid() {
      rangeRegister();
    }

    @Actor
    public void invalidator() {
      invalidate();
    }

    @Actor
    public void driver(III_Result r) {
      long since = System.nanoTime();
      boolean valid = range.waitUntilValid(SharedKernel.PATIENCE_MILLIS);
      r.r1 = valid && !SharedKernel.late(since) ? 1 : 0;
      r.r2 = look();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = end();
    }
  }
}

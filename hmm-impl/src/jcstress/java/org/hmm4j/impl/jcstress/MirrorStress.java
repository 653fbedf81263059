// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.jcstress;

import static org.hmm4j.impl.jcstress.SharedKernel.KERNEL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmUpdate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A mirror is called only between register and unregister: no callback before its registration is
 * whole, none that still runs when unregister has returned, and none that comes later.
 */
public final class MirrorStress {

  private MirrorStress() {}

  /** A mirror whose callback notes when it was called. */
  abstract static class World implements HmmMirrorOps {
    final MmuNotifiers notifiers = MmuNotifiers.of(KERNEL);
    final MmStruct mm = SharedKernel.mm();
    final HmmMirror mirror = Hmm.of(KERNEL).mirror(this);

    /** Plain: made before register, so every callback has to see it. */
    int ready;

    volatile boolean gone;
    volatile int inside;
    volatile int unready;
    volatile int afterwards;

    @Override
    public Errno syncCpuDevicePagetables(HmmMirror called, HmmUpdate update) {
      inside++;
      if (gone) {
        afterwards++;
      }
      if (ready == 0) {
        unready++;
      }
      SharedKernel.linger();
      inside--;
      return Errno.OK;
    }

    final void register() {
      ready = 1;
      mm.mmapLock().writeLock();
      Errno answer = mirror.register(mm);
      mm.mmapLock().writeUnlock();
      if (answer != Errno.OK) {
        throw new AssertionError(answer);
      }
    }

    /** Returns how many callbacks were running when it was done. */
    final int unregister() {
      mirror.unregister();
      gone = true;
      return inside;
    }

    final void invalidate() {
      MmuNotifierRange change = SharedKernel.firstPage(mm);
      RwSemaphore rmapLock = ((EmptySpace) mm.addressSpace()).rmapLock;
      rmapLock.readLock();
      notifiers.invalidateRangeStart(change);
      notifiers.invalidateRangeEnd(change);
      rmapLock.readUnlock();
    }
  }

  /** A registered mirror is unregistered while the address space changes. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "No callback, or only whole ones before.")
  @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "STILL RUNNING: unregister did not wait.")
  @Outcome(id = "0, [1-9], .", expect = FORBIDDEN, desc = "LATE CALLBACK: after unregister.")
  @State
  public static class Unregister extends World {
    public Unregister() {
      register();
    }

    @Actor
    public void invalidator() {
      invalidate();
    }

    @Actor
    public void driver(III_Result r) {
      r.r1 = unregister();
    }

    @Arbiter
    public void after(III_Result r) {
      invalidate();
      r.r2 = afterwards;
      r.r3 = unready;
      mm.mmput();
    }
  }

  /** A mirror comes and goes while the address space changes. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "No callback, or whole ones in between.")
  @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "STILL RUNNING: unregister did not wait.")
  @Outcome(id = "0, [1-9], .", expect = FORBIDDEN, desc = "LATE CALLBACK: after unregister.")
  @Outcome(id = "0, 0, [1-9]", expect = FORBIDDEN, desc = "EARLY CALLBACK: not yet published.")
  @State
  public static class RegisterAndUnregister extends World {

    @Actor
    public void invalidator() {
      invalidate();
      invalidate();
    }

    @Actor
    public void driver(III_Result r) {
      register();
      r.r1 = unregister();
    }

    @Arbiter
    public void after(III_Result r) {
      invalidate();
      r.r2 = afterwards;
      r.r3 = unready;
      mm.mmput();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.Objects;
import org.hmm4j.impl.kernel.BootedKernel;
import org.hmm4j.impl.kernel.Failures;
import org.hmm4j.impl.kernel.LockMap;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.NotifierProfile;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** The door to the notifiers of all mms of a kernel: mm/mmu_notifier.c, Linux 6.1. */
public final class NotifierCore implements MmuNotifiers {

  private final Kernel kernel;
  private final Tracer tracer;

  /** One domain for all mms, as in the kernel. */
  private final Srcu srcu;

  private final FailedStartRule failedStart;

  /** {@code __mmu_notifier_invalidate_range_start_map}: held wherever callbacks run. */
  private final LockMap callbackMap;

  /**
   * Makes the core of a kernel.
   *
   * @param kernel the kernel
   * @param profile which generation of the core
   */
  public NotifierCore(BootedKernel kernel, NotifierProfile profile) {
    this.kernel = kernel;
    this.tracer = kernel.tracer();
    this.failedStart = FailedStartRule.of(profile, kernel);
    this.srcu = kernel.srcu("mmu_notifier");
    this.callbackMap = kernel.lockMap("mmu_notifier_invalidate_range_start");
    // Reclaim unmaps pages and so calls back; known here before it ever happens.
    kernel.lockdep().primeReclaim(callbackMap);
  }

  Kernel kernel() {
    return kernel;
  }

  Srcu srcu() {
    return srcu;
  }

  FailedStartRule failedStart() {
    return failedStart;
  }

  @Override
  public MmuNotifier notifier(MmuNotifierOps ops) {
    return listNotifier(ops);
  }

  /**
   * As {@link #notifier}, for the range layer, which needs more than the interface has.
   *
   * @param ops its callbacks
   * @return the notifier, not registered yet
   */
  public ListNotifier listNotifier(MmuNotifierOps ops) {
    return new ListNotifier(this, Objects.requireNonNull(ops, "ops"), ops, false);
  }

  @Override
  public MmuIntervalNotifier intervalNotifier(MmuIntervalNotifierOps ops) {
    return new IntervalNotifier(this, Objects.requireNonNull(ops, "ops"));
  }

  @Override
  public ErrPtr<MmuNotifier> get(MmuNotifierOps ops, MmStruct mm) {
    CountedMm target = CountedMm.of(kernel, mm);
    target.mmapLock().writeLock();
    try {
      return getLocked(ops, target);
    } finally {
      target.mmapLock().writeUnlock();
    }
  }

  @Override
  public ErrPtr<MmuNotifier> getLocked(MmuNotifierOps ops, MmStruct mm) {
    Objects.requireNonNull(ops, "ops");
    CountedMm target = CountedMm.of(kernel, mm);
    target.mmapLock().assertHeldWrite();
    target.assertHasUser();
    Subscriptions subscriptions = Subscriptions.of(target);
    if (subscriptions != null) {
      ErrPtr<ListNotifier> found = subscriptions.findAndGet(ops);
      if (found != null) {
        return found.isErr() ? ErrPtr.err(found.errno()) : ErrPtr.of(found.value());
      }
    }
    ErrPtr<?> container = allocNotifier(ops, target);
    if (container.isErr()) {
      return ErrPtr.err(container.errno());
    }
    ListNotifier notifier = new ListNotifier(this, ops, container.value(), true);
    Failures failures = new Failures();
    Errno errno;
    try {
      errno = notifier.registerLocked(target);
    } catch (RuntimeException | Error thrown) {
      freeNotifier(notifier, failures);
      failures.suppressIn(thrown);
      throw thrown;
    }
    if (errno == Errno.OK) {
      return ErrPtr.of(notifier);
    }
    freeNotifier(notifier, failures);
    failures.throwIfAny();
    return ErrPtr.err(errno);
  }

  private static void freeNotifier(ListNotifier notifier, Failures failures) {
    try {
      notifier.ops().freeNotifier(notifier);
    } catch (RuntimeException | Error thrown) {
      failures.add(notifier, thrown);
    }
  }

  private static ErrPtr<?> allocNotifier(MmuNotifierOps ops, MmStruct mm) {
    try {
      return Objects.requireNonNull(ops.allocNotifier(mm), "allocNotifier answered null");
    } catch (RuntimeException | Error thrown) {
      Failures failure = new Failures();
      failure.add(ops, thrown);
      failure.throwIfAny();
      throw thrown;
    }
  }

  /** {@code __mmu_notifier_register}. */
  Errno register(ListNotifier notifier, CountedMm mm) {
    Allocation record = kernel.allocations().allocate("mmu_notifier");
    if (record == null) {
      return Errno.ENOMEM;
    }
    try {
      return withAllLocks(
          mm,
          subscriptions -> {
            mm.mmgrab();
            subscriptions.link(notifier, record);
          });
    } finally {
      // Not isLinked: a callback may have put it again already.
      if (notifier.mm() == null) {
        record.free();
      }
    }
  }

  /** {@code mmu_notifier_register(NULL, mm)}, unless the mm has had intervals before. */
  Errno enableIntervals(CountedMm mm) {
    if (mm.mmapLock().isHeld()) {
      // Said here because the way out is another method.
      throw new KernelBug(
          KernelBug.Rule.RECURSIVE_LOCK,
          "an interval is inserted under " + mm.mmapLock() + ": take insertLocked");
    }
    mm.mmapLock().mightLock();
    if (hasIntervals(mm)) {
      return Errno.OK;
    }
    mm.mmapLock().writeLock();
    try {
      return enableIntervalsLocked(mm);
    } finally {
      mm.mmapLock().writeUnlock();
    }
  }

  Errno enableIntervalsLocked(CountedMm mm) {
    if (hasIntervals(mm)) {
      return Errno.OK;
    }
    mm.assertHasUser();
    return withAllLocks(mm, Subscriptions::enableIntervals);
  }

  private static boolean hasIntervals(CountedMm mm) {
    Subscriptions subscriptions = Subscriptions.of(mm);
    return subscriptions != null && subscriptions.hasIntervals();
  }

  private interface Change {
    void apply(Subscriptions subscriptions);
  }

  /**
   * Changes who is called while no invalidation is in flight, so that no end comes without start.
   */
  private Errno withAllLocks(CountedMm mm, Change change) {
    Subscriptions current = Subscriptions.of(mm);
    Allocation fresh = null;
    if (current == null) {
      fresh = kernel.allocations().allocate("mmu_notifier_subscriptions");
      if (fresh == null) {
        return Errno.ENOMEM;
      }
      current = new Subscriptions(this, mm, fresh);
    }
    try {
      Errno errno = mm.addressSpace().takeAllLocks();
      if (errno != Errno.OK) {
        return errno;
      }
      try {
        if (fresh != null) {
          mm.publish(current);
        }
        change.apply(current);
      } finally {
        mm.addressSpace().dropAllLocks();
      }
      return Errno.OK;
    } finally {
      if (fresh != null && mm.subscriptions() == null) {
        fresh.free();
      }
    }
  }

  @Override
  public void invalidateRangeStart(MmuNotifierRange range) {
    if (!range.blockable()) {
      throw new IllegalArgumentException(
          "this start may sleep, but the range forbids it: " + range);
    }
    kernel.context().mightSleep();
    start(range);
  }

  @Override
  public Errno invalidateRangeStartNonblock(MmuNotifierRange range) {
    if (range.blockable()) {
      throw new IllegalArgumentException("this start never sleeps: take range.nonBlockable()");
    }
    return start(range);
  }

  private Errno start(MmuNotifierRange range) {
    report(TracePoint.INVALIDATION_BEGUN, range);
    Subscriptions subscriptions = Subscriptions.of(CountedMm.of(kernel, range.mm()));
    if (subscriptions == null) {
      callbackMap.assertNotHeld();
      return Errno.OK;
    }
    Errno errno = null;
    Failures failures = new Failures();
    callbackMap.acquire();
    try {
      errno = new Invalidation(this, subscriptions, range).start();
    } catch (KernelBug bug) {
      failures.add(subscriptions, bug);
    }
    if (errno == Errno.OK) {
      subscriptions.opened();
    }
    leaveStart(failures);
    if (!failures.isEmpty() && errno == Errno.OK) {
      invalidateRangeEnd(range);
    } else if (errno != Errno.OK) {
      report(TracePoint.INVALIDATION_FAILED, range);
    }
    failures.throwIfAny();
    return errno;
  }

  /** Leaving may free a notifier that was put, and that may throw: then the start has failed. */
  private void leaveStart(Failures failures) {
    try {
      callbackMap.release();
    } catch (KernelBug bug) {
      failures.add(callbackMap, bug);
    }
  }

  void releaseIntervals(Subscriptions subscriptions, MmuNotifierRange all) {
    report(TracePoint.INVALIDATION_BEGUN, all);
    callbackMap.acquire();
    try {
      new Invalidation(this, subscriptions, all).release();
    } finally {
      callbackMap.release();
      report(TracePoint.INVALIDATION_ENDED, all);
    }
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    if (range.blockable()) {
      kernel.context().mightSleep();
    }
    callbackMap.acquire();
    try {
      Subscriptions subscriptions = Subscriptions.of(CountedMm.of(kernel, range.mm()));
      if (subscriptions != null) {
        subscriptions.closed(range);
        new Invalidation(this, subscriptions, range).end();
      }
    } finally {
      callbackMap.release();
      report(TracePoint.INVALIDATION_ENDED, range);
    }
  }

  @Override
  public void synchronize() {
    srcu.barrier();
  }

  /**
   * Runs something after all callbacks that are running now: {@code mmu_notifier_call_srcu}, v5.3.
   *
   * @param callback what to run; it must not sleep
   */
  public void callSrcu(Runnable callback) {
    srcu.call(callback);
  }

  private void report(TracePoint point, MmuNotifierRange range) {
    if (tracer != null) {
      tracer.report(point, range.mm(), range);
    }
  }

  void callbackStep(Object about) {
    kernel.machine().preemptionPoint(Step.CALLBACK, about);
  }

  /**
   * Comes before each callback.
   *
   * @param subscriber whose callback it is
   * @param name what the callback is called
   */
  public void callbackEntered(Object subscriber, String name) {
    if (tracer != null) {
      tracer.report(TracePoint.CALLBACK_ENTERED, subscriber, name);
    }
  }

  /**
   * Comes after each callback, also after one that has thrown.
   *
   * @param subscriber whose callback it is
   * @param name what the callback is called
   */
  public void callbackLeft(Object subscriber, String name) {
    if (tracer != null) {
      tracer.report(TracePoint.CALLBACK_LEFT, subscriber, name);
    }
  }

  /** A callback that waits for the end of its own invalidation would wait for ever. */
  void assertNotInCallback() {
    callbackMap.assertNotHeld();
  }

  /** A callback that waits for a grace period would wait for its own section. */
  void assertNotInSection() {
    if (srcu.readLockHeld()) {
      throw new KernelBug(
          KernelBug.Rule.BAD_CONTEXT, "a notifier is unregistered from within a callback");
    }
  }
}

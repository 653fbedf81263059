// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.machine.Step;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * SRCU with one counter for each stretch of time between two grace periods: {@code struct
 * srcu_struct}, kernel/rcu/srcutree.c. The kernel makes do with two counters, so that a grace
 * period may also wait for a few later sections; here it never does.
 *
 * <p><b>Epochs.</b> They form a chain, {@code oldest .. current}. A section counts in the epoch
 * that was current when it began. A grace period ends the current epoch by appending another and
 * waits until {@code oldest} has passed it; {@code oldest} passes an epoch that is no longer
 * current and has no open section.
 *
 * <p><b>Why a reader is not missed.</b> It counts itself and then looks whether its epoch is still
 * current; who ends an epoch moves {@code current} and then looks at the counts. All four are
 * volatile accesses, so one of the two sees the other: either the section is waited for, or the
 * reader takes its count back and begins again in the next epoch, which is later than the grace
 * period. In the same way the last reader out takes its count back and then looks whether its epoch
 * has ended, so either it or the one who ended the epoch moves {@code oldest} on.
 *
 * <p><b>Starvation.</b> New sections count in a later epoch, so nobody waits for them.
 */
final class EpochSrcu implements Srcu {

  /** The number before that of the first epoch. */
  private static final long NO_EPOCH = -1;

  private static final VarHandle CURRENT;
  private static final VarHandle OLDEST;
  private static final VarHandle CLEANED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CURRENT = lookup.findVarHandle(EpochSrcu.class, "current", Epoch.class);
      OLDEST = lookup.findVarHandle(EpochSrcu.class, "oldest", Epoch.class);
      CLEANED = lookup.findVarHandle(EpochSrcu.class, "cleaned", Site.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tasks tasks;
  private final String name;
  private final Consumer<String> warn;
  private final Runnable forget;
  private final ParkingWaitQueue progress;
  private final SrcuCallbacks callbacks;
  private volatile Epoch current;
  private volatile Epoch oldest;

  /** Given to {@link #call} and not yet at their end; without those of {@link #barrier}. */
  private final AtomicInteger unfinished = new AtomicInteger();

  /** Where it was cleaned up, or null. */
  private volatile Site cleaned;

  /**
   * Makes a domain.
   *
   * @param warn told of a cleanup that comes too early
   * @param forget run by the cleanup
   */
  EpochSrcu(Tasks tasks, String name, Consumer<String> warn, Runnable forget) {
    this.tasks = tasks;
    this.name = Objects.requireNonNull(name, "name");
    this.warn = warn;
    this.forget = forget;
    this.progress = new ParkingWaitQueue(tasks, this, toString());
    this.callbacks = new SrcuCallbacks(tasks, this);
    this.current = new Epoch(this, NO_EPOCH + 1);
    this.oldest = current;
  }

  @Override
  public int readLock() {
    TaskContext self = tasks.current();
    tasks.step(Step.LOCK, this);
    checkAlive(self, "readLock");
    self.sections().reserve();
    Epoch epoch = current;
    epoch.enter(self.task().id());
    boolean late = false;
    while (epoch != current) {
      epoch.leave(self.task().id());
      advance();
      late = true;
      epoch = current;
      epoch.enter(self.task().id());
    }
    self.sections().push(epoch);
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.change(TracePoint.SRCU_ENTERED, this, 0, epoch.index());
    }
    if (late) {
      // What came due by leaving runs when this section is closed: nothing may throw out of here.
      runCallbacks(self);
    }
    return epoch.index();
  }

  @Override
  public void readUnlock(int index) {
    TaskContext self = tasks.current();
    int at = self.sections().find(this, index);
    if (at < 0) {
      // Only here: a domain with an open section is never cleaned up.
      checkAlive(self, "readUnlock");
      throw new KernelBug(
          Rule.BAD_UNLOCK,
          "%s: task %s leaves a section of index %d but has none open; it has open: %s"
              .formatted(this, self.task(), index, self.sections()));
    }
    tasks.step(Step.UNLOCK, this);
    leave(self, self.sections().remove(at));
    self.settle();
  }

  @Override
  public boolean readLockHeld() {
    return tasks.current().sections().contains(this);
  }

  @Override
  public void synchronize() {
    TaskContext self = checkMayWait("synchronize");
    long last = beginGracePeriod();
    advance();
    if (!isOver(last)) {
      progress.waitEvent(() -> isOver(last));
    }
    runCallbacks(self);
  }

  @Override
  public void call(Runnable callback) {
    Objects.requireNonNull(callback, "callback");
    TaskContext self = tasks.current();
    tasks.step(Step.CALLBACK, this);
    checkAlive(self, "call");
    unfinished.incrementAndGet();
    callbacks.add(counted(callback), beginGracePeriod());
    advance();
    runCallbacks(self);
  }

  @Override
  public void barrier() {
    TaskContext self = checkMayWait("barrier");
    Barrier barrier = new Barrier();
    // Ready at once, but not before those that were added earlier.
    callbacks.add(barrier, NO_EPOCH);
    progress.waitEvent(barrier);
    try {
      self.settle();
    } catch (KernelBug bug) {
      barrier.failures.add(bug);
    }
    barrier.failures.throwIfAny();
  }

  @Override
  public void cleanup() {
    TaskContext self = tasks.current();
    self.mightSleep(this + " cleanup");
    tasks.step(Step.ALLOCATE, this);
    if (hasReaders()) {
      warn.accept(this + ": cleanup while somebody is in a read section; the domain leaks");
      return;
    }
    int left = unfinished.get();
    if (left > 0) {
      warn.accept(
          this + ": cleanup before " + left + " callbacks have run, no barrier; the domain leaks");
      return;
    }
    Site site = tasks.sites().of("cleaned up", self.task());
    if (!CLEANED.compareAndSet(this, null, site)) {
      throw afterCleanup(Rule.DOUBLE_FREE, self, "cleanup");
    }
    forget.run();
  }

  /** Returns whether all sections are closed of the epochs up to this one. */
  boolean isOver(long epoch) {
    return epoch < oldest.number();
  }

  /** Counts a section out and, if it may have been the last of a grace period, ends that. */
  void leave(TaskContext self, Epoch epoch) {
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.change(TracePoint.SRCU_LEFT, this, epoch.index(), 0);
    }
    epoch.leave(self.task().id());
    if (epoch != current) {
      advance();
      runCallbacks(self);
    }
  }

  /**
   * Begins a grace period for the sections that are open now.
   *
   * @return the number of the last epoch to wait for
   */
  private long beginGracePeriod() {
    // What the caller unpublished, perhaps with plain writes, must be visible before the counts are
    // read: the memory barrier that synchronize_srcu begins with.
    VarHandle.fullFence();
    Epoch last = current;
    if (last.isEmpty()) {
      return last.number() - 1;
    }
    CURRENT.compareAndSet(this, last, last.successor());
    return last.number();
  }

  /** Lets {@code oldest} pass the ended epochs without open sections. */
  private void advance() {
    boolean moved = false;
    for (Epoch epoch = oldest; epoch != current && epoch.isEmpty(); epoch = oldest) {
      moved |= OLDEST.compareAndSet(this, epoch, epoch.successor());
    }
    if (moved) {
      progress.wakeAll();
    }
  }

  private boolean hasReaders() {
    advance();
    return oldest != current || !current.isEmpty();
  }

  private Runnable counted(Runnable callback) {
    return () -> {
      try {
        callback.run();
      } finally {
        unfinished.decrementAndGet();
      }
    };
  }

  private void runCallbacks(TaskContext self) {
    if (!callbacks.isEmpty()) {
      self.whenIdle(callbacks);
    }
  }

  private TaskContext checkMayWait(String what) {
    TaskContext self = tasks.current();
    self.mightSleep(this + " " + what);
    if (self.sections().contains(this)) {
      throw new KernelBug(
          Rule.BAD_CONTEXT,
          "%s: task %s would wait for itself: %s inside its own read sections %s"
              .formatted(this, self.task(), what, self.sections()));
    }
    tasks.step(Step.WAIT, this);
    checkAlive(self, what);
    return self;
  }

  private void checkAlive(TaskContext self, String what) {
    if (cleaned != null) {
      throw afterCleanup(Rule.USE_AFTER_FREE, self, what);
    }
  }

  private KernelBug afterCleanup(Rule rule, TaskContext self, String what) {
    return new KernelBug(
        rule,
        "%s: %s by task %s, but it had been %s"
            .formatted(this, what, self.task(), cleaned.summary()),
        cleaned);
  }

  @Override
  public String toString() {
    return "srcu '" + name + "'";
  }

  /** A callback that ends a {@link #barrier}, and the condition that the barrier waits for. */
  private final class Barrier implements Runnable, BooleanSupplier {
    private final Failures failures = new Failures();
    private volatile boolean reached;

    @Override
    public void run() {
      reached = true;
      progress.wakeAll();
    }

    /** Runs what is ready, whatever the caller holds: else one that holds a mutex would hang. */
    @Override
    public boolean getAsBoolean() {
      try {
        callbacks.run();
      } catch (KernelBug bug) {
        failures.add(bug);
      }
      return reached;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** {@code struct mmu_interval_notifier}, mm/mmu_notifier.c, Linux 6.1. */
final class IntervalNotifier implements MmuIntervalNotifier {

  private final NotifierCore core;
  private final Tracer tracer;
  private final MmuIntervalNotifierOps ops;
  private final IntervalTree.Node<IntervalNotifier> node = new IntervalTree.Node<>(this);

  /** Claimed by an insertion until it fails or the interval was removed. */
  private final AtomicBoolean claimed = new AtomicBoolean();

  /** Live while it is inserted; kept to tell a second remove. */
  private volatile Allocation record;

  private volatile CountedMm mm;
  private volatile Subscriptions subscriptions;
  private volatile long start;
  private volatile long last;

  /** {@code invalidate_seq}. Written under the driver's lock; check_retry reads it without. */
  private volatile long seq;

  IntervalNotifier(NotifierCore core, MmuIntervalNotifierOps ops) {
    this.core = core;
    this.tracer = core.kernel().tracer();
    this.ops = ops;
  }

  @Override
  public Errno insert(MmStruct mm, long start, long length) {
    return insert(CountedMm.of(core.kernel(), mm), start, length, core::enableIntervals);
  }

  @Override
  public Errno insertLocked(MmStruct mm, long start, long length) {
    CountedMm ours = CountedMm.of(core.kernel(), mm);
    ours.mmapLock().assertHeldWrite();
    return insert(ours, start, length, core::enableIntervalsLocked);
  }

  /** Turns on interval support of an mm, with or without taking the mmap lock. */
  private interface Enabler {
    Errno enable(CountedMm mm);
  }

  private Errno insert(CountedMm target, long start, long length, Enabler enabler) {
    core.kernel().context().mightSleep();
    if (!claimed.compareAndSet(false, true)) {
      throw new KernelBug(KernelBug.Rule.ALREADY_REGISTERED, this + " is inserted already");
    }
    boolean inserted = false;
    try {
      Errno errno = enabler.enable(target);
      if (errno == Errno.OK) {
        errno = insertInto(target, start, length);
      }
      inserted = errno == Errno.OK;
      return errno;
    } finally {
      claimed.set(inserted);
    }
  }

  private Errno insertInto(CountedMm target, long start, long length) {
    long last = start + length - 1;
    if (length == 0 || Long.compareUnsigned(last, start) < 0) {
      return Errno.EOVERFLOW;
    }
    if (target.mmUsers() <= 0) {
      core.kernel().warn("an interval is inserted into " + target + ", which has no user");
      return Errno.EINVAL;
    }
    target.mmgrab();
    this.start = start;
    this.last = last;
    mm = target;
    subscriptions = Subscriptions.of(target);
    record = core.kernel().allocations().track("mmu_interval_notifier");
    subscriptions.intervals().insert(this);
    return Errno.OK;
  }

  @Override
  public void remove() {
    core.kernel().context().mightSleep();
    core.assertNotInCallback();
    // Refuses a second call before anything happens, also one that runs at the same time.
    inserted().free();
    CountedMm was = mm;
    try {
      subscriptions.intervals().remove(this);
    } finally {
      subscriptions = null;
      mm = null;
      claimed.set(false);
      was.mmdrop();
    }
  }

  @Override
  public long readBegin() {
    core.kernel().context().mightSleep();
    core.assertNotInCallback();
    Subscriptions current = subscriptions;
    inserted().check();
    long read = current.intervals().readBegin(this);
    if (tracer != null) {
      tracer.change(TracePoint.SEQUENCE_READ, this, 0, read);
    }
    return read;
  }

  @Override
  public boolean readRetry(long seq) {
    long now = this.seq;
    if (tracer != null) {
      tracer.change(TracePoint.SEQUENCE_CHECKED, this, seq, now);
    }
    return now != seq;
  }

  @Override
  public boolean checkRetry(long seq) {
    return this.seq != seq;
  }

  @Override
  public void setSeq(long curSeq) {
    if (tracer != null && seq != curSeq) {
      tracer.change(TracePoint.SEQUENCE_CHANGED, this, seq, curSeq);
    }
    seq = curSeq;
  }

  @Override
  public MmStruct mm() {
    return mm;
  }

  @Override
  public long start() {
    return start;
  }

  @Override
  public long last() {
    return last;
  }

  long seq() {
    return seq;
  }

  MmuIntervalNotifierOps ops() {
    return ops;
  }

  IntervalTree.Node<IntervalNotifier> node() {
    return node;
  }

  /**
   * Requires that no removal of it has returned: from then on its memory may be somebody else's.
   */
  void checkNotRemoved() {
    if (mm == null) {
      throw new KernelBug(
          KernelBug.Rule.USE_AFTER_FREE, this + " is still used, but its removal has returned");
    }
  }

  private Allocation inserted() {
    Allocation current = record;
    if (current == null) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " was never inserted");
    }
    return current;
  }

  @Override
  public String toString() {
    return "interval notifier [0x%x, 0x%x]".formatted(start, last);
  }
}

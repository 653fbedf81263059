// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;

/** {@code struct mmu_interval_notifier}, mm/mmu_notifier.c, Linux 6.1. */
final class IntervalNotifier implements MmuIntervalNotifier {

  private enum State {
    OUT,
    INSERTING,
    IN,
    REMOVING
  }

  private final NotifierCore core;
  private final MmuIntervalNotifierOps ops;
  private final IntervalTree.Node<IntervalNotifier> node = new IntervalTree.Node<>(this);
  private final AtomicReference<State> state = new AtomicReference<>(State.OUT);
  private volatile CountedMm mm;
  private volatile Subscriptions subscriptions;
  private volatile long start;
  private volatile long last;

  /** {@code invalidate_seq}. Written under the driver's lock; check_retry reads it without. */
  private volatile long seq;

  IntervalNotifier(NotifierCore core, MmuIntervalNotifierOps ops) {
    this.core = core;
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
    if (!state.compareAndSet(State.OUT, State.INSERTING)) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " is inserted already");
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
      state.set(inserted ? State.IN : State.OUT);
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
    subscriptions.intervals().insert(this);
    return Errno.OK;
  }

  @Override
  public void remove() {
    core.kernel().context().mightSleep();
    core.assertNotInCallback();
    if (!state.compareAndSet(State.IN, State.REMOVING)) {
      throw notInserted();
    }
    CountedMm was = mm;
    try {
      subscriptions.intervals().remove(this);
    } finally {
      subscriptions = null;
      mm = null;
      state.set(State.OUT);
      was.mmdrop();
    }
  }

  @Override
  public long readBegin() {
    core.kernel().context().mightSleep();
    core.assertNotInCallback();
    Subscriptions current = subscriptions;
    if (current == null) {
      throw notInserted();
    }
    return current.intervals().readBegin(this);
  }

  @Override
  public boolean readRetry(long seq) {
    return this.seq != seq;
  }

  @Override
  public boolean checkRetry(long seq) {
    return this.seq != seq;
  }

  @Override
  public void setSeq(long curSeq) {
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

  private KernelBug notInserted() {
    return new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " is not inserted");
  }

  @Override
  public String toString() {
    return "interval notifier [0x%x, 0x%x]".formatted(start, last);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.ArrayDeque;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * The intervals of an mm and the sequence that tells readers of a collision: the {@code mn_itree_*}
 * half of mm/mmu_notifier.c, Linux 6.1.
 *
 * <p>Three states, told apart by the number of running invalidations and the lowest bit of the
 * sequence:
 *
 * <pre>
 * idle     none running, sequence even   the tree may change
 * partial  some running, sequence even   none of them hit an interval; the tree may change
 * full     some running, sequence odd    at least one hit; the tree is frozen
 * </pre>
 *
 * <p>A start that hits makes the state full; the end that leaves no invalidation running makes the
 * sequence even again. So the sequence has one odd value for the whole of a full period, and each
 * later period has a larger one. While the tree is frozen, insertions and removals are put off
 * until the period ends; callbacks can therefore walk the tree without the lock.
 *
 * <p>A reader takes the sequence of its interval. If it equals the current one, the interval was
 * hit in the period that is still running, and the reader waits for its end. If it is older, any
 * hit from now on writes a larger one into the interval, which the reader sees when it compares
 * again.
 */
final class IntervalSubscriptions {

  private final MmStruct mm;
  private final Tracer tracer;

  /** {@code subscriptions->lock}, shared with the list of the same mm. */
  private final SpinLock lock;

  private final WaitQueue waitQueue;
  private final Machine machine;

  /** Written under the lock; walked without it while the state is full. */
  @GuardedBy("lock")
  private final IntervalTree<IntervalNotifier> tree = new IntervalTree<>();

  /** Insertions and removals to carry out when the full period ends, last come first. */
  @GuardedBy("lock")
  private final ArrayDeque<IntervalNotifier> deferred = new ArrayDeque<>();

  /** {@code invalidate_seq}. Written under the lock; a waiter also looks at it without. */
  private volatile long sequence = 2;

  /** {@code active_invalidate_ranges}. */
  @GuardedBy("lock")
  private long active;

  IntervalSubscriptions(Kernel kernel, MmStruct mm, SpinLock lock) {
    this.mm = mm;
    this.tracer = kernel.tracer();
    this.lock = lock;
    this.waitQueue = kernel.waitQueue("mmu_notifier wq");
    this.machine = kernel.machine();
  }

  /**
   * Counts an invalidation in: {@code mn_itree_inv_start_range}.
   *
   * @return the first interval that it hits, or null; the others follow with {@link #next}
   */
  IntervalTree.Node<IntervalNotifier> start(long start, long last) {
    lock.lock();
    try {
      active++;
      IntervalTree.Node<IntervalNotifier> first = tree.first(start, last);
      if (first != null) {
        sequence(sequence | 1);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next interval that is hit: {@code mn_itree_inv_next}. Only between start and end of a hit.
   */
  IntervalTree.Node<IntervalNotifier> next(
      IntervalTree.Node<IntervalNotifier> node, long start, long last) {
    return tree.next(node, start, last);
  }

  /** The sequence of the running period, to be handed to the callbacks of a hit. */
  long sequence() {
    return sequence;
  }

  /** Counts an invalidation out: {@code mn_itree_inv_end}. */
  void end() {
    lock.lock();
    try {
      if (active == 0) {
        throw new KernelBug(
            KernelBug.Rule.UNBALANCED_END, "an invalidation ends that is not running");
      }
      active--;
      if (active > 0 || !isFull()) {
        return;
      }
      sequence(sequence + 1);
      while (!deferred.isEmpty()) {
        machine.preemptionPoint(Step.WALK, deferred);
        carryOut(deferred.pop());
      }
    } finally {
      lock.unlock();
    }
    waitQueue.wakeAll();
  }

  private void carryOut(IntervalNotifier subscription) {
    subscription.checkNotRemoved();
    if (subscription.node().isLinked()) {
      tree.remove(subscription.node());
    } else {
      tree.insert(subscription.node(), subscription.start(), subscription.last());
    }
  }

  /** Adds an interval, or puts that off: {@code __mmu_interval_notifier_insert}. */
  void insert(IntervalNotifier subscription) {
    lock.lock();
    try {
      if (isFull()) {
        deferred.push(subscription);
        subscription.setSeq(sequence);
        return;
      }
      if (active > 0) {
        // Nobody remembers what the running invalidations cover, so this interval counts as hit.
        sequence(sequence | 1);
        subscription.setSeq(sequence);
      } else {
        subscription.setSeq(sequence - 1);
      }
      tree.insert(subscription.node(), subscription.start(), subscription.last());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes an interval out and waits until no callback of it runs: {@code
   * mmu_interval_notifier_remove}.
   */
  void remove(IntervalNotifier subscription) {
    long running;
    lock.lock();
    try {
      if (!isFull()) {
        tree.remove(subscription.node());
        return;
      }
      if (!subscription.node().isLinked()) {
        deferred.remove(subscription);
        return;
      }
      deferred.push(subscription);
      running = sequence;
    } finally {
      lock.unlock();
    }
    // Compared under the lock: the end changes the sequence before it has carried out the removal.
    reportWait();
    waitQueue.waitEvent(() -> sequenceUnderLock() != running);
  }

  private long sequenceUnderLock() {
    lock.lock();
    try {
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the sequence of an interval, after waiting for a running hit: {@code
   * mmu_interval_read_begin}.
   */
  long readBegin(IntervalNotifier subscription) {
    long seq;
    boolean invalidating;
    lock.lock();
    try {
      seq = subscription.seq();
      invalidating = seq == sequence;
    } finally {
      lock.unlock();
    }
    if (invalidating) {
      reportWait();
      waitQueue.waitEvent(() -> sequence != seq);
    }
    return seq;
  }

  private void sequence(long next) {
    if (tracer != null && sequence != next) {
      tracer.change(TracePoint.SEQUENCE_CHANGED, mm, sequence, next);
    }
    sequence = next;
  }

  private void reportWait() {
    if (tracer != null) {
      tracer.report(TracePoint.INVALIDATION_AWAITED, waitQueue, mm);
    }
  }

  private boolean isFull() {
    return (sequence & 1) != 0;
  }
}

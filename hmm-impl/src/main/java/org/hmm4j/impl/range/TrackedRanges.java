// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.LinkedHashSet;
import java.util.Set;
import org.hmm4j.impl.notifier.IntervalTree;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * The ranges of a {@code struct hmm} and whether they are valid: {@code hmm->ranges}, {@code
 * hmm->notifiers} and {@code ranges_lock}, mm/hmm.c, v5.3.
 *
 * <p>A range turns invalid when an invalidation that overlaps it begins; it turns valid again only
 * when no invalidation at all is running. A tree beside the kernel's list finds the overlapping
 * ranges, and a set remembers the invalid ones, so that neither step looks at ranges it does not
 * change.
 */
final class TrackedRanges {

  private final MmStruct mm;
  private final Tracer tracer;
  private final SpinLock lock;
  private final WaitQueue waitQueue;

  @GuardedBy("lock")
  private final IntervalTree<RegisteredRange> tree = new IntervalTree<>();

  @GuardedBy("lock")
  private final Set<RegisteredRange> invalid = new LinkedHashSet<>();

  /** {@code hmm->notifiers}: invalidations that are running. */
  @GuardedBy("lock")
  private long notifiers;

  TrackedRanges(Kernel kernel, MmStruct mm) {
    this.mm = mm;
    this.tracer = kernel.tracer();
    this.lock = kernel.spinLock("hmm->ranges_lock");
    this.waitQueue = kernel.waitQueue("hmm->wq");
  }

  /** Adds a range, valid if no invalidation is running, and counts it for its mirror. */
  void add(RegisteredRange range) {
    long flags = lock.lockIrqsave();
    try {
      range.mirror().countRange();
      range.publish();
      tree.insert(range.node(), range.range().start(), range.range().end() - 1);
      range.valid(notifiers == 0);
      if (notifiers != 0) {
        invalid.add(range);
      }
    } finally {
      lock.unlockIrqrestore(flags);
    }
  }

  /** Takes a range off and marks it invalid; returns whether it was valid. */
  boolean remove(RegisteredRange range) {
    long flags = lock.lockIrqsave();
    try {
      range.poison();
      tree.remove(range.node());
      invalid.remove(range);
      boolean was = range.isMarkedValid();
      range.valid(false);
      range.mirror().uncountRange();
      return was;
    } finally {
      lock.unlockIrqrestore(flags);
    }
  }

  /** Ends the registration of a mirror, unless ranges of it are still here. */
  void retire(Mirror mirror) {
    long flags = lock.lockIrqsave();
    try {
      mirror.retire();
    } finally {
      lock.unlockIrqrestore(flags);
    }
  }

  boolean isEmpty() {
    long flags = lock.lockIrqsave();
    try {
      return tree.isEmpty();
    } finally {
      lock.unlockIrqrestore(flags);
    }
  }

  /** An invalidation begins. The end of an update that just touches a range invalidates it too. */
  void invalidate(long start, long end) {
    long flags = lock.lockIrqsave();
    try {
      notifiers++;
      IntervalTree.Node<RegisteredRange> node = tree.first(start, end);
      while (node != null) {
        node.value().valid(false);
        invalid.add(node.value());
        node = tree.next(node, start, end);
      }
    } finally {
      lock.unlockIrqrestore(flags);
    }
  }

  /** An invalidation ends, or failed to begin: {@code notifiers_decrement}. */
  void notifiersDecrement() {
    long flags = lock.lockIrqsave();
    try {
      if (notifiers == 0) {
        throw new KernelBug(
            KernelBug.Rule.UNBALANCED_END, "an invalidation ends that is not running");
      }
      notifiers--;
      if (notifiers > 0) {
        return;
      }
      for (RegisteredRange range : invalid) {
        range.valid(true);
      }
      invalid.clear();
    } finally {
      lock.unlockIrqrestore(flags);
    }
    waitQueue.wakeAll();
  }

  /** {@code hmm_range_wait_until_valid}. */
  boolean waitUntilValid(RegisteredRange range, long timeoutMillis) {
    if (tracer != null) {
      tracer.report(TracePoint.INVALIDATION_AWAITED, waitQueue, mm);
    }
    return waitQueue.waitEventTimeout(range::isMarkedValid, timeoutMillis);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.hmm4j.impl.kernel.Failures;
import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * One call of a start or an end: {@code __mmu_notifier_invalidate_range_start} and {@code _end},
 * mm/mmu_notifier.c, Linux 6.1. Intervals come first, then the list, in both.
 *
 * <p>A blockable start can't fail: a notifier that answers an error to one is warned and counts as
 * started, so that it gets one end. (The kernel warns too, but then runs the ends inside the start
 * and once more at the end.)
 */
final class Invalidation {

  private final NotifierCore core;
  private final Kernel kernel;
  private final Subscriptions subscriptions;
  private final MmuNotifierRange range;
  private final Failures failures = new Failures();

  /** Those whose start has not happened and who therefore get no end. */
  private final List<ListNotifier> notStarted = new ArrayList<>(0);

  Invalidation(NotifierCore core, Subscriptions subscriptions, MmuNotifierRange range) {
    this.core = core;
    this.kernel = core.kernel();
    this.subscriptions = subscriptions;
    this.range = range;
  }

  /** After anything but OK, also an exception, the start is undone and there must be no end. */
  Errno start() {
    boolean withIntervals = subscriptions.hasIntervals();
    Errno errno = Errno.OK;
    if (withIntervals) {
      errno = startIntervals();
    }
    if (errno == Errno.OK && failures.isEmpty() && !subscriptions.isListEmpty()) {
      errno = startList();
    }
    if (withIntervals && (errno != Errno.OK || !failures.isEmpty())) {
      // The kernel leaves this out when the list fails after the intervals have succeeded: then
      // every later reader of an interval hangs.
      subscriptions.intervals().end();
    }
    failures.throwIfAny();
    return errno;
  }

  void end() {
    if (subscriptions.hasIntervals()) {
      subscriptions.intervals().end();
    }
    if (!subscriptions.isListEmpty()) {
      int section = core.srcu().readLock();
      try {
        endList();
      } finally {
        core.srcu().readUnlock(section);
      }
    }
    failures.throwIfAny();
  }

  /** {@code mn_itree_release}: tells only the intervals. */
  void release() {
    startIntervals();
    subscriptions.intervals().end();
    failures.throwIfAny();
  }

  /** {@code mn_itree_invalidate}: stops at the first that refuses. */
  private Errno startIntervals() {
    IntervalSubscriptions intervals = subscriptions.intervals();
    long last = range.end() - 1;
    IntervalTree.Node<IntervalNotifier> node = intervals.start(range.start(), last);
    while (node != null) {
      if (!invalidate(node.value(), intervals.sequence())) {
        return Errno.EAGAIN;
      }
      node = intervals.next(node, range.start(), last);
    }
    return Errno.OK;
  }

  private boolean invalidate(IntervalNotifier subscription, long sequence) {
    Context context = enterCallback(subscription, "invalidate");
    try {
      if (subscription.ops().invalidate(subscription, range, sequence)) {
        return true;
      }
    } catch (RuntimeException | Error thrown) {
      failures.add(subscription, thrown);
      return true;
    } finally {
      leaveCallback(subscription, "invalidate", context);
    }
    if (range.blockable()) {
      kernel.warn(subscription + " refused an invalidation that may sleep: " + range);
    }
    return range.blockable();
  }

  /** {@code mn_hlist_invalidate_range_start}: everybody is called, also after one has failed. */
  private Errno startList() {
    Errno errno = Errno.OK;
    int section = core.srcu().readLock();
    try {
      for (ListNotifier here = subscriptions.head(); here != null; here = here.next()) {
        Errno answer = startOne(here);
        if (answer != Errno.OK) {
          errno = answer;
        }
      }
      // An exception is no answer of either kernel: after one everybody is balanced.
      if (!failures.isEmpty() || (errno != Errno.OK && core.failedStart().endsTheStarted())) {
        endList();
      }
    } finally {
      core.srcu().readUnlock(section);
    }
    return errno;
  }

  private Errno startOne(ListNotifier notifier) {
    Errno answer;
    Context context = enterCallback(notifier, "invalidateRangeStart");
    try {
      answer =
          Objects.requireNonNull(
              notifier.ops().invalidateRangeStart(notifier, range), "the start answered null");
    } catch (RuntimeException | Error thrown) {
      failures.add(notifier, thrown);
      notStarted.add(notifier);
      return Errno.OK;
    } finally {
      leaveCallback(notifier, "invalidateRangeStart", context);
    }
    if (answer == Errno.OK) {
      return answer;
    }
    if (range.blockable() || answer != Errno.EAGAIN) {
      kernel.warn(notifier + " answered " + answer + " to the start of " + range);
    }
    if (core.failedStart().hasUndoneItself(notifier)) {
      notStarted.add(notifier);
    }
    return range.blockable() ? Errno.OK : answer;
  }

  private void endList() {
    for (ListNotifier here = subscriptions.head(); here != null; here = here.next()) {
      if (here.ops() instanceof MmuNotifierEndOps ops && !notStarted.contains(here)) {
        Context context = enterCallback(here, "invalidateRangeEnd");
        try {
          ops.invalidateRangeEnd(here, range);
        } catch (RuntimeException | Error thrown) {
          failures.add(here, thrown);
        } finally {
          leaveCallback(here, "invalidateRangeEnd", context);
        }
      }
    }
  }

  /** Makes a sleep in a non-blockable callback an error that is reported where it happens. */
  private Context enterCallback(Object subscriber, String name) {
    core.callbackStep(range);
    core.callbackEntered(subscriber, name);
    if (range.blockable()) {
      return null;
    }
    Context context = kernel.context();
    context.nonBlockStart();
    return context;
  }

  private void leaveCallback(Object subscriber, String name, Context context) {
    core.callbackLeft(subscriber, name);
    if (context != null) {
      context.nonBlockEnd();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.concurrent.atomic.AtomicLong;
import org.hmm4j.impl.kernel.Failures;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.impl.mm.NotifierSubscriptions;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * All who subscribed to one mm: {@code struct mmu_notifier_subscriptions}, mm/mmu_notifier.c, Linux
 * 6.1. Made by the first registration and kept until the mm is freed.
 *
 * <p>The list is walked inside an SRCU read section and changed under the lock; what is unlinked is
 * freed only after a grace period.
 */
final class Subscriptions implements NotifierSubscriptions {

  /** {@code users} is an unsigned int in the kernel. */
  static final long USERS_MAX = 0xffff_ffffL;

  /** Addresses compare as unsigned numbers. */
  private static final long ULONG_MAX = -1L;

  private final NotifierCore core;
  private final CountedMm mm;
  private final Allocation allocation;
  private final SpinLock lock;
  private final IntervalSubscriptions intervals;

  /** The newest notifier. Written under the lock, walked under SRCU. */
  private volatile ListNotifier head;

  /** {@code has_itree}: whether there was ever an interval. Set once, with all locks taken. */
  private volatile boolean hasIntervals;

  /** Invalidations between start and end, only to tell an end that has no start. */
  private final AtomicLong open = new AtomicLong();

  Subscriptions(NotifierCore core, CountedMm mm, Allocation allocation) {
    this.core = core;
    this.mm = mm;
    this.allocation = allocation;
    this.lock = core.kernel().spinLock("mmu_notifier_subscriptions->lock");
    this.intervals = new IntervalSubscriptions(core.kernel(), mm, lock);
  }

  /** Returns the subscriptions of an mm, or null before the first registration. */
  static Subscriptions of(CountedMm mm) {
    return (Subscriptions) mm.subscriptions();
  }

  IntervalSubscriptions intervals() {
    return intervals;
  }

  boolean hasIntervals() {
    return hasIntervals;
  }

  void enableIntervals() {
    hasIntervals = true;
  }

  boolean isListEmpty() {
    return head == null;
  }

  ListNotifier head() {
    return head;
  }

  void link(ListNotifier notifier, Allocation record) {
    lock.lock();
    try {
      notifier.attach(mm, this, record);
      notifier.linkBefore(head);
      head = notifier;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a notifier off the list, if it still is on it: {@code hlist_del_init_rcu}. */
  void unlink(ListNotifier notifier) {
    lock.lock();
    try {
      unlinkLocked(notifier);
    } finally {
      lock.unlock();
    }
  }

  private void unlinkLocked(ListNotifier notifier) {
    if (!notifier.isLinked()) {
      return;
    }
    if (head == notifier) {
      head = notifier.next();
    } else {
      ListNotifier before = head;
      while (before.next() != notifier) {
        before = before.next();
      }
      before.unlinkNext();
    }
    notifier.unlinked();
  }

  /** The first half of {@code mmu_notifier_unregister}; exit may have done it already. */
  void releaseAndUnlink(ListNotifier notifier) {
    Failures failures = new Failures();
    int section = core.srcu().readLock();
    try {
      if (notifier.isLinked()) {
        release(notifier, failures);
      }
      unlink(notifier);
    } finally {
      // Leaving may run what waited for a grace period, and throw what that threw.
      core.srcu().readUnlock(section);
    }
    failures.throwIfAny();
  }

  private void release(ListNotifier notifier, Failures failures) {
    core.callbackEntered(notifier, "release");
    try {
      notifier.ops().release(notifier, mm);
    } catch (RuntimeException | Error thrown) {
      failures.add(notifier, thrown);
    } finally {
      core.callbackLeft(notifier, "release");
    }
  }

  /**
   * Finds the notifier with these ops and counts one more user: {@code find_get_mmu_notifier}.
   *
   * @return the notifier, why it can't have one more user, or null if there is none
   */
  ErrPtr<ListNotifier> findAndGet(MmuNotifierOps ops) {
    lock.lock();
    try {
      for (ListNotifier here = head; here != null; here = here.next()) {
        if (here.ops() == ops && here.isCounted()) {
          return here.addUser() ? ErrPtr.of(here) : ErrPtr.err(Errno.EOVERFLOW);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops a user and unlinks the notifier with the last one: {@code mmu_notifier_put}.
   *
   * @return true if it was the last
   */
  boolean dropUser(ListNotifier notifier) {
    lock.lock();
    try {
      if (notifier.hasUser()) {
        if (notifier.dropUser()) {
          unlinkLocked(notifier);
          return true;
        }
        return false;
      }
    } finally {
      lock.unlock();
    }
    core.kernel().warn(notifier + " is put, but has no user");
    return false;
  }

  void opened() {
    open.incrementAndGet();
  }

  /** An end needs a start: registration keeps out of brackets, so none begins before it. */
  void closed(MmuNotifierRange range) {
    long before;
    do {
      before = open.get();
      if (before == 0) {
        throw new KernelBug(
            KernelBug.Rule.UNBALANCED_END,
            "an invalidation ends that is not running (or it began before the first subscription,"
                + " without a lock that takeAllLocks takes): "
                + range);
      }
    } while (!open.compareAndSet(before, before - 1));
  }

  /** {@code __mmu_notifier_release}: intervals first, then the list, which is empty afterwards. */
  @Override
  public void release() {
    Failures failures = new Failures();
    if (hasIntervals) {
      releaseIntervals(failures);
    }
    if (head != null) {
      releaseList(failures);
    }
    failures.throwIfAny();
  }

  private void releaseIntervals(Failures failures) {
    try {
      core.releaseIntervals(this, MmuNotifierRange.of(mm, MmuNotifierEvent.RELEASE, 0, ULONG_MAX));
    } catch (KernelBug thrown) {
      failures.add(mm, thrown);
    }
  }

  private void releaseList(Failures failures) {
    int section = core.srcu().readLock();
    try {
      for (ListNotifier here = head; here != null; here = here.next()) {
        release(here, failures);
      }
      lock.lock();
      try {
        while (head != null) {
          unlinkLocked(head);
        }
      } finally {
        lock.unlock();
      }
    } finally {
      try {
        core.srcu().readUnlock(section);
      } finally {
        core.srcu().synchronize();
      }
    }
  }

  /** {@code __mmu_notifier_subscriptions_destroy}. */
  @Override
  public void destroy() {
    if (head != null) {
      throw new KernelBug(
          KernelBug.Rule.STILL_IN_USE, mm + " is freed with " + head + " still registered");
    }
    allocation.free();
  }
}

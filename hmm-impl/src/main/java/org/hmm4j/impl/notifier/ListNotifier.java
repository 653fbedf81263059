// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;

/**
 * {@code struct mmu_notifier}, mm/mmu_notifier.c, Linux 6.1; with the unregister without release
 * that 5.3 still had.
 */
public final class ListNotifier implements MmuNotifier {

  private final NotifierCore core;
  private final MmuNotifierOps ops;
  private final Object container;
  private final boolean counted;

  /** A notifier is registered once. */
  private final AtomicBoolean used = new AtomicBoolean();

  private volatile CountedMm mm;
  private volatile Subscriptions subscriptions;

  /** Live while it is registered, and after put until the grace period is over. */
  private volatile Allocation allocation;

  /**
   * The next in the list. Written under the lock; a walker under SRCU may stand on a notifier that
   * was unlinked, so that keeps its next.
   */
  private volatile ListNotifier next;

  /** Written under the lock of the subscriptions; unregister also looks at it without. */
  private volatile boolean linked;

  @GuardedBy("subscriptions->lock")
  private long users;

  ListNotifier(NotifierCore core, MmuNotifierOps ops, Object container, boolean counted) {
    this.core = core;
    this.ops = ops;
    this.container = container;
    this.counted = counted;
  }

  @Override
  public Errno register(MmStruct mm) {
    CountedMm target = CountedMm.of(core.kernel(), mm);
    target.mmapLock().writeLock();
    try {
      return registerLocked(target);
    } finally {
      target.mmapLock().writeUnlock();
    }
  }

  @Override
  public Errno registerLocked(MmStruct mm) {
    CountedMm target = CountedMm.of(core.kernel(), mm);
    target.mmapLock().assertHeldWrite();
    target.assertHasUser();
    if (!used.compareAndSet(false, true)) {
      throw new KernelBug(
          KernelBug.Rule.ALREADY_REGISTERED, this + " was registered before; make a new one");
    }
    Errno errno = Errno.ENOMEM;
    try {
      errno = core.register(this, target);
    } finally {
      used.set(errno == Errno.OK);
    }
    return errno;
  }

  @Override
  public void unregister() {
    core.kernel().context().mightSleep();
    core.assertNotInSection();
    Subscriptions owner = registered();
    if (counted) {
      throw new KernelBug(
          KernelBug.Rule.NOT_REGISTERED, this + " comes from get: give it back with put");
    }
    // Refuses a second call before anything happens, also one that runs at the same time.
    allocation.free();
    try {
      owner.releaseAndUnlink(this);
    } finally {
      try {
        core.srcu().synchronize();
      } finally {
        mm.mmdrop();
      }
    }
  }

  /**
   * Unlinks without release and without waiting: {@code mmu_notifier_unregister_no_release}, v5.3.
   * Callbacks may still be running afterwards; {@link NotifierCore#callSrcu} runs something after
   * them. Any context.
   */
  public void unregisterNoRelease() {
    Subscriptions owner = registered();
    allocation.free();
    owner.unlink(this);
    mm.mmdrop();
  }

  @Override
  public void put() {
    Subscriptions owner = registered();
    if (!counted) {
      throw new KernelBug(
          KernelBug.Rule.NOT_REGISTERED, this + " does not come from get: unregister it");
    }
    allocation.check();
    if (owner.dropUser(this)) {
      core.callSrcu(this::freeAfterGracePeriod);
    }
  }

  private void freeAfterGracePeriod() {
    try {
      ops.freeNotifier(this);
    } finally {
      allocation.free();
      mm.mmdrop();
    }
  }

  private Subscriptions registered() {
    Subscriptions owner = subscriptions;
    if (owner == null) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " is not registered");
    }
    return owner;
  }

  @Override
  public MmStruct mm() {
    return mm;
  }

  @Override
  public Object container() {
    return container;
  }

  MmuNotifierOps ops() {
    return ops;
  }

  boolean isCounted() {
    return counted;
  }

  // What follows is the node that the subscriptions link, under their lock.

  void attach(CountedMm target, Subscriptions owner, Allocation record) {
    mm = target;
    subscriptions = owner;
    allocation = record;
    users = 1;
  }

  void linkBefore(ListNotifier following) {
    next = following;
    linked = true;
  }

  void unlinkNext() {
    next = next.next;
  }

  void unlinked() {
    linked = false;
  }

  boolean isLinked() {
    return linked;
  }

  ListNotifier next() {
    return next;
  }

  boolean hasUser() {
    return users > 0;
  }

  boolean addUser() {
    if (users == Subscriptions.USERS_MAX) {
      return false;
    }
    users++;
    return true;
  }

  /** Returns whether that was the last user. */
  boolean dropUser() {
    users--;
    return users == 0;
  }

  @Override
  public String toString() {
    return "mmu_notifier(" + ops.getClass().getName() + ")";
  }
}

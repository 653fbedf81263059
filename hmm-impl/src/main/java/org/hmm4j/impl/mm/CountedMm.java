// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

import java.util.List;
import java.util.Objects;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.MmStruct;

/** {@code struct mm_struct} with its two counters: kernel/fork.c, Linux 6.1. */
public final class CountedMm implements MmStruct {

  /** The lock class of {@link #mmapLock}. */
  static final String MMAP_LOCK = "mm->mmap_lock";

  private final Kernel kernel;
  private final AddressSpace addressSpace;
  private final Allocation allocation;
  private final RwSemaphore mmapLock;
  private final SpinLock pageTableLock;
  private final PseudoLock exit;
  private final MmCounter users;
  private final MmCounter count;

  /** Set once, under the mmap lock for write; read without a lock, as by smp_load_acquire. */
  private volatile NotifierSubscriptions subscriptions;

  @GuardedBy("pageTableLock")
  private Object hmm;

  CountedMm(Kernel kernel, AddressSpace addressSpace, Allocation allocation) {
    this.kernel = kernel;
    this.addressSpace = addressSpace;
    this.allocation = allocation;
    this.mmapLock = kernel.rwSemaphore(MMAP_LOCK);
    this.pageTableLock = kernel.spinLock("mm->page_table_lock");
    this.users = new MmCounter(kernel, "mm_users");
    this.count = new MmCounter(kernel, "mm_count");
    this.exit = kernel.lockdep().mmExit();
  }

  /**
   * Looks behind the interface.
   *
   * @param kernel the kernel that the mm has to belong to
   * @param mm an mm
   * @return the same mm
   * @throws IllegalArgumentException if another kernel or another engine made it
   */
  public static CountedMm of(Kernel kernel, MmStruct mm) {
    Objects.requireNonNull(mm, "mm");
    if (mm instanceof CountedMm ours && ours.kernel == kernel) {
      return ours;
    }
    throw new IllegalArgumentException("an mm of this kernel is needed, got " + mm);
  }

  @Override
  public Kernel kernel() {
    return kernel;
  }

  @Override
  public AddressSpace addressSpace() {
    return addressSpace;
  }

  @Override
  public RwSemaphore mmapLock() {
    return mmapLock;
  }

  @Override
  public SpinLock pageTableLock() {
    return pageTableLock;
  }

  /**
   * Returns what the notifier layer hung in: {@code mm->notifier_subscriptions}.
   *
   * @return the subscriptions, or null before the first registration
   */
  public NotifierSubscriptions subscriptions() {
    allocation.check();
    return subscriptions;
  }

  /**
   * Hangs in the subscriptions. Context: mmap lock held for write.
   *
   * @param subscriptions the subscriptions, which stay until the mm is freed
   */
  public void publish(NotifierSubscriptions subscriptions) {
    mmapLock.assertHeldWrite();
    this.subscriptions = subscriptions;
  }

  /**
   * Reads {@code mm->hmm}. Context: page_table_lock held.
   *
   * @return what the range layer hung in, or null
   */
  public Object hmm() {
    pageTableLock.assertHeld();
    return hmm;
  }

  /**
   * Writes {@code mm->hmm}. Context: page_table_lock held.
   *
   * @param hmm what to hang in, or null
   */
  public void hmm(Object hmm) {
    pageTableLock.assertHeld();
    this.hmm = hmm;
  }

  /**
   * Requires that the mm has a user: {@code BUG_ON(atomic_read(&mm->mm_users) <= 0)}.
   *
   * @throws KernelBug {@link KernelBug.Rule#MM_GONE} if the last user has gone
   */
  public void assertHasUser() {
    allocation.check();
    if (users.get() <= 0) {
      throw gone();
    }
  }

  @Override
  public void mmget() {
    if (!mmgetNotZero()) {
      throw gone();
    }
  }

  @Override
  public boolean mmgetNotZero() {
    allocation.check();
    users.step();
    int before;
    do {
      before = users.get();
      if (before == 0) {
        return false;
      }
    } while (!users.change(before, before + 1));
    return true;
  }

  /**
   * Requires that the caller may drop a user: if that is the last, nothing is held that the exit
   * takes, first of all the mmap lock.
   *
   * @throws KernelBug {@link KernelBug.Rule#RECURSIVE_LOCK} if it is the last and the mmap lock is
   *     held; {@link KernelBug.Rule#LOCK_ORDER} for other locks
   */
  public void assertMayPut() {
    if (users.get() != 1) {
      return;
    }
    if (mmapLock.isHeld()) {
      throw new KernelBug(
          KernelBug.Rule.RECURSIVE_LOCK,
          "the last user of " + this + " goes under " + mmapLock + ", which its exit takes");
    }
    mightExit();
  }

  @Override
  public void mmput() {
    kernel.context().mightSleep();
    assertMayPut();
    mightExit();
    drop(this::assertMayPut);
  }

  /**
   * As {@link #mmput} of a caller who may hold locks because it knows of another user, and who has
   * called {@link #assertMayPut} while there still was a way back. Drivers unregister ranges in
   * that way.
   */
  public void mmputOfMany() {
    kernel.context().mightSleep();
    drop(() -> {});
  }

  /** From within the exit of another mm, the exit of this one would be part of it. */
  private void mightExit() {
    if (!exit.isHeld()) {
      exit.mightLock();
    }
  }

  /** Looks before the last user goes, not after: it does not come back. */
  private void drop(Runnable checkBeforeLast) {
    allocation.check();
    users.step();
    int before;
    do {
      before = users.get();
      if (before == 0) {
        throw gone();
      }
      if (before == 1) {
        checkBeforeLast.run();
      }
    } while (!users.change(before, before - 1));
    if (before == 1) {
      exit();
    }
  }

  /**
   * The release callbacks come before the first page is freed, so that a device never sees a page
   * that belongs to somebody else. A callback that throws must not keep the rest from happening.
   */
  private void exit() {
    boolean outermost = !exit.isHeld();
    Runnable enter = outermost ? exit::acquire : () -> {};
    Runnable leave = outermost ? this::leaveExit : () -> {};
    Throwable failure = null;
    for (Runnable step :
        List.of(enter, this::releaseNotifiers, addressSpace::exitMmap, this::mmdrop, leave)) {
      try {
        step.run();
      } catch (RuntimeException | Error thrown) {
        if (failure == null) {
          failure = thrown;
        } else if (failure != thrown) {
          failure.addSuppressed(thrown);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void leaveExit() {
    if (exit.isHeld()) {
      exit.release();
    }
  }

  private void releaseNotifiers() {
    NotifierSubscriptions current = subscriptions;
    if (current != null) {
      current.release();
    }
  }

  @Override
  public void mmgrab() {
    count.step();
    allocation.check();
    count.add(1);
  }

  @Override
  public void mmdrop() {
    allocation.check();
    count.step();
    if (count.add(-1) == 0) {
      try {
        NotifierSubscriptions current = subscriptions;
        if (current != null) {
          current.destroy();
        }
      } finally {
        try {
          addressSpace.free();
        } finally {
          allocation.free();
        }
      }
    }
  }

  @Override
  public int mmUsers() {
    return users.get();
  }

  @Override
  public int mmCount() {
    return count.get();
  }

  private KernelBug gone() {
    return new KernelBug(KernelBug.Rule.MM_GONE, this + " has no user: it has exited");
  }

  @Override
  public String toString() {
    return "mm(users " + users.get() + ", count " + count.get() + ")";
  }
}

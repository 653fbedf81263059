// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;

/**
 * What the engine keeps for an address space: {@code struct mm_struct}, include/linux/mm_types.h,
 * kernel/fork.c, Linux 6.1.
 *
 * <p>Two counters. {@code mm_users} says that the address space is alive: VMAs and page tables may
 * be looked at. {@code mm_count} says that this object is in memory; all users together hold one of
 * it. When the last user goes, exit runs in that task: release callbacks of the notifiers first,
 * then {@link AddressSpace#exitMmap}, then one {@link #mmdrop}. When the last count goes, {@link
 * AddressSpace#free} runs.
 */
public interface MmStruct {

  /**
   * Makes an mm with one user and one count: {@code mm_alloc}, kernel/fork.c.
   *
   * @param kernel the kernel that it belongs to
   * @param addressSpace the address space that it stands for
   * @return the mm, or null if the allocation failed
   */
  static MmStruct alloc(Kernel kernel, AddressSpace addressSpace) {
    return kernel.subsystem(MmAllocator.class).alloc(addressSpace);
  }

  /**
   * Returns the kernel that made this mm.
   *
   * @return the kernel
   */
  Kernel kernel();

  /**
   * Returns the address space that it stands for. Looking at VMAs and page tables needs a user and
   * the mmap lock.
   *
   * @return the address space
   */
  AddressSpace addressSpace();

  /**
   * Returns the lock over the VMAs: {@code mm->mmap_lock}.
   *
   * @return the lock
   */
  RwSemaphore mmapLock();

  /**
   * Returns the lock over the upper page tables and over {@code mm->hmm}: {@code
   * mm->page_table_lock}.
   *
   * @return the lock
   */
  SpinLock pageTableLock();

  /**
   * Adds a user: {@code mmget}. The caller has one. Any context.
   *
   * @throws KernelBug {@link KernelBug.Rule#MM_GONE} if there is no user; {@link
   *     KernelBug.Rule#USE_AFTER_FREE} if it was freed; nothing changes
   */
  void mmget();

  /**
   * Adds a user unless the last one has gone: {@code mmget_not_zero}. Any context.
   *
   * @return false if the address space is exiting or has exited
   * @throws KernelBug {@link KernelBug.Rule#USE_AFTER_FREE} if it was freed
   */
  boolean mmgetNotZero();

  /**
   * Removes a user, and runs the exit of the address space if it was the last: {@code mmput}.
   * Context: may sleep; may run the release callbacks of drivers, so neither the mmap lock nor a
   * lock that such a callback takes may be held; {@link org.hmm4j.kernel.Lockdep} reports that also
   * when this user is not the last.
   *
   * @throws KernelBug {@link KernelBug.Rule#MM_GONE} if there is no user; {@link
   *     KernelBug.Rule#USE_AFTER_FREE} if it was freed; {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in
   *     atomic context; {@link KernelBug.Rule#RECURSIVE_LOCK} if it is the last user and the mmap
   *     lock is held; the count stays as it was. What a callback threw, after the exit was carried
   *     out
   */
  void mmput();

  /**
   * Keeps this object in memory: {@code mmgrab}. The caller has a count or a user. Any context.
   *
   * @throws KernelBug {@link KernelBug.Rule#USE_AFTER_FREE} if it was freed
   */
  void mmgrab();

  /**
   * Gives back what {@link #mmgrab} took, and frees the mm if it was the last: {@code mmdrop}. Any
   * context.
   *
   * @throws KernelBug {@link KernelBug.Rule#USE_AFTER_FREE} if it was freed
   */
  void mmdrop();

  /**
   * Returns {@code mm_users}.
   *
   * @return the number of users, which may be old when it is looked at
   */
  int mmUsers();

  /**
   * Returns {@code mm_count}.
   *
   * @return the number of counts, which may be old when it is looked at
   */
  int mmCount();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

import org.hmm4j.kernel.Errno;

/**
 * What the author of an address space implements; the engine calls it through the {@link MmStruct}
 * that {@link MmStruct#alloc} made for it.
 */
public interface AddressSpace {

  /**
   * Finds the first VMA that ends after an address, which may begin after it: {@code find_vma},
   * mm/mmap.c. Context: mmap lock held in any mode.
   *
   * @param address an address in bytes
   * @return the VMA, or null if none ends after the address
   */
  Vma findVma(long address);

  /**
   * Returns the page tables.
   *
   * @return the same object at each call
   */
  PageTables pageTables();

  /**
   * Makes one page accessible: {@code handle_mm_fault}, mm/memory.c. Context: mmap lock held for
   * read, may sleep. The lock is still held on return, except that with {@link
   * FaultFlags#ALLOW_RETRY} a result with {@link VmFault#RETRY} or {@link VmFault#COMPLETED} says
   * that it was dropped. With {@link FaultFlags#RETRY_NOWAIT} a RETRY comes with the lock held, and
   * with {@link FaultFlags#TRIED} there is none.
   *
   * @param vma the VMA that holds the address
   * @param address any address within the page
   * @param flags bits of {@link FaultFlags}
   * @return bits of {@link VmFault}; 0 if the page was made accessible, which another task may have
   *     undone already
   */
  int handleMmFault(Vma vma, long address, int flags);

  /**
   * Notes that the contents of a page were changed by somebody who has no page-table entry: {@code
   * set_page_dirty}, mm/page-writeback.c. An address space that never writes pages back has nothing
   * to do. Context: any; the page is mapped, and stays so during the call.
   *
   * @param pfn the page frame
   */
  default void setPageDirty(long pfn) {}

  /**
   * Waits until no invalidation is in flight and keeps new ones from starting: {@code
   * mm_take_all_locks}, mm/mmap.c. Called with the mmap lock held for write, around the
   * registration of a notifier. To be overridden by an address space that invalidates without the
   * mmap lock, as reclaim does; where all invalidations hold it there is nothing to do.
   *
   * @return {@link Errno#OK}; {@link Errno#EINTR} on a pending signal, with no lock taken
   */
  default Errno takeAllLocks() {
    return Errno.OK;
  }

  /** Undoes a successful {@link #takeAllLocks}: {@code mm_drop_all_locks}, mm/mmap.c. */
  default void dropAllLocks() {}

  /**
   * Unmaps everything, frees the page tables and drops the VMAs: the second half of {@code
   * exit_mmap}, mm/mmap.c. Called once, after all release callbacks of notifiers have returned.
   * Context: no lock held, may sleep, the last user is gone.
   */
  void exitMmap();

  /**
   * Frees what is left of the address space: {@code free_mm}, kernel/fork.c. Called once, when the
   * last reference to the {@link MmStruct} is gone. Context: that of the caller of {@link
   * MmStruct#mmdrop}.
   */
  void free();
}

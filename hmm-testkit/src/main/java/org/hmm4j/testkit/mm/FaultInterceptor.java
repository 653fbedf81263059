// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.VmFault;

/** A test's hand in the fault handler: asked before each fault is served. */
@FunctionalInterface
public interface FaultInterceptor {

  /** Lets every fault go on. */
  FaultInterceptor NONE = (vma, address, flags) -> 0;

  /**
   * An answer: the fault counts as served though nothing was done, so that who needs the page
   * faults again: {@code VM_FAULT_NOPAGE}, include/linux/mm_types.h, Linux 6.1.
   */
  int AGAIN = 0x100;

  /**
   * Lets each page need several faults until it is there, as a driver does whose data are still
   * under way. Counts each page by itself, and from the beginning once it was served.
   *
   * @param rounds how many faults a page needs; 1 serves the first
   * @return the interceptor
   */
  static FaultInterceptor rounds(int rounds) {
    return new RoundsInterceptor(rounds, AGAIN);
  }

  /**
   * Drops the mmap lock at the first fault on each page where that is allowed, and serves the
   * second, as a file system does that has to read: {@code __folio_lock_or_retry}, mm/filemap.c.
   * Where it is not allowed all faults are served.
   *
   * @return the interceptor
   */
  static FaultInterceptor dropLock() {
    FaultInterceptor everySecond = new RoundsInterceptor(2, VmFault.RETRY);
    return (vma, address, flags) ->
        (flags & FaultFlags.ALLOW_RETRY) == 0 ? 0 : everySecond.beforeFault(vma, address, flags);
  }

  /**
   * Lets every fault fail.
   *
   * @param error bits of {@link VmFault#ERROR}
   * @return the interceptor
   */
  static FaultInterceptor failing(int error) {
    if (error == 0 || (error & ~VmFault.ERROR) != 0) {
      throw new IllegalArgumentException(
          "want bits of VmFault.ERROR, got 0x" + Integer.toHexString(error));
    }
    return (vma, address, flags) -> error;
  }

  /**
   * Decides about a fault. Context: mmap lock held for read, no page-table lock; may sleep. Faults
   * of several tasks ask at the same time.
   *
   * @param vma the VMA that holds the address
   * @param address any address within the page
   * @param flags bits of {@link org.hmm4j.mm.FaultFlags}
   * @return 0 to let it go on; otherwise bits of {@link org.hmm4j.mm.VmFault} that the fault
   *     handler answers at once, or {@link #AGAIN}. {@link org.hmm4j.mm.VmFault#RETRY} makes it
   *     drop the mmap lock if {@link org.hmm4j.mm.FaultFlags#allowRetryFirst} says so (with {@link
   *     org.hmm4j.mm.FaultFlags#RETRY_NOWAIT} it is kept), and is ignored otherwise
   */
  int beforeFault(FakeVma vma, long address, int flags);
}

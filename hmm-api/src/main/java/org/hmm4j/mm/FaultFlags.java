// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * The request bits of {@link AddressSpace#handleMmFault}: {@code FAULT_FLAG_*} of
 * include/linux/mm_types.h, Linux 6.1.
 */
public final class FaultFlags {

  /** The access is a write. */
  public static final int WRITE = 0x1;

  /** The handler may drop the mmap lock and answer {@link VmFault#RETRY}. */
  public static final int ALLOW_RETRY = 0x4;

  /**
   * With {@link #ALLOW_RETRY}: the handler neither drops the mmap lock nor waits; {@link
   * VmFault#RETRY} then comes with the lock held.
   */
  public static final int RETRY_NOWAIT = 0x8;

  /** With {@link #ALLOW_RETRY}: the handler may be ended by a fatal signal. */
  public static final int KILLABLE = 0x10;

  /**
   * With {@link #ALLOW_RETRY}: the second round after a {@link VmFault#RETRY}, which waits with the
   * mmap lock held rather than to answer that again.
   */
  public static final int TRIED = 0x20;

  /** The access comes from user mode. */
  public static final int USER = 0x40;

  /** The access is not made by a thread of the address space itself, as all faults of a device. */
  public static final int REMOTE = 0x80;

  /**
   * Not an access: a page that is shared after a fork is to become the process' own, but stay
   * read-only. Not with {@link #WRITE}.
   */
  public static final int UNSHARE = 0x400;

  private FaultFlags() {}

  /**
   * Returns whether a handler that has to wait answers {@link VmFault#RETRY} instead: {@code
   * fault_flag_allow_retry_first}, include/linux/mm.h.
   *
   * @param flags bits of this class
   * @return true in the first round of a fault that allows it
   */
  public static boolean allowRetryFirst(int flags) {
    return (flags & (ALLOW_RETRY | TRIED)) == ALLOW_RETRY;
  }
}

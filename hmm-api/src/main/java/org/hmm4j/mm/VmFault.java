// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * The result bits of {@link AddressSpace#handleMmFault}: {@code vm_fault_t},
 * include/linux/mm_types.h, Linux 6.1.
 */
public final class VmFault {

  /** No memory. */
  public static final int OOM = 0x1;

  /** The object behind the mapping has no such page. */
  public static final int SIGBUS = 0x2;

  /** The page had to be read from storage. */
  public static final int MAJOR = 0x4;

  /** The page has a memory error. */
  public static final int HWPOISON = 0x10;

  /** No right to access the address. */
  public static final int SIGSEGV = 0x40;

  /** The fault could not be finished and the mmap lock was dropped. Only if that was allowed. */
  public static final int RETRY = 0x400;

  /** The fault was finished and the mmap lock was dropped. Only if that was allowed. */
  public static final int COMPLETED = 0x4000;

  /** The bits that mean failure: {@code VM_FAULT_ERROR}. */
  public static final int ERROR = OOM | SIGBUS | HWPOISON | SIGSEGV;

  private VmFault() {}
}

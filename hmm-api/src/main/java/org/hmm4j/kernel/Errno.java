// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * The answer of a driver-path operation: {@link #OK} or the error number that the kernel function
 * returns negated. Mirrors include/uapi/asm-generic/errno-base.h and errno.h.
 */
public enum Errno {
  /** Success. */
  OK(0),
  /** Operation not permitted: a write where the VMA allows none. */
  EPERM(1),
  /** No such entry: a device access found nothing in the device page table. */
  ENOENT(2),
  /** Interrupted by a signal. */
  EINTR(4),
  /** Try again: the mmap lock was dropped, or a non-blockable section would have to sleep. */
  EAGAIN(11),
  /** Out of memory, or no mapping at an address that must have one. */
  ENOMEM(12),
  /** Permission denied: the file behind a mapping was not opened for this access. */
  EACCES(13),
  /** Bad address: nothing that could be made accessible lies there. */
  EFAULT(14),
  /** The range was invalidated: begin again. */
  EBUSY(16),
  /** The object exists already. */
  EEXIST(17),
  /** Invalid argument. */
  EINVAL(22),
  /** Value too large: an interval or a reference count overflows. */
  EOVERFLOW(75),
  /** Operation not supported on this object. */
  EOPNOTSUPP(95);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /**
   * Returns the number of this error on x86-64, positive.
   *
   * @return the number, 0 for {@link #OK}
   */
  public int number() {
    return number;
  }

  /**
   * Returns whether this is an error.
   *
   * @return false only for {@link #OK}
   */
  public boolean isError() {
    return this != OK;
  }
}

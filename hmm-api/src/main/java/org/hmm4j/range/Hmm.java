// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;

/** The entry to HMM: mm/hmm.c. */
public interface Hmm {

  /**
   * Returns HMM of a kernel.
   *
   * @param kernel a kernel
   * @return its HMM
   */
  static Hmm of(Kernel kernel) {
    return kernel.subsystem(Hmm.class);
  }

  /**
   * Makes a mirror, not registered yet.
   *
   * @param ops its callbacks
   * @return the mirror
   */
  HmmMirror mirror(HmmMirrorOps ops);

  /**
   * Answers what the CPU page tables say of each page of a range, after faulting in what is
   * requested: {@code hmm_range_fault}, mm/hmm.c, Linux 6.1. Context: a user of the address space
   * is held; its mmap lock is held, and still held on every return; may sleep.
   *
   * <p>An answer is of use only after {@link org.hmm4j.notifier.MmuIntervalNotifier#readRetry} was
   * false under the driver's lock.
   *
   * @param range a range with a notifier and the sequence of its read
   * @return {@link Errno#OK}: every entry was written, and what was requested is there. Otherwise
   *     the entries are a mix of requests and answers, pages before the failing one may have been
   *     faulted in, and the error is: {@link Errno#EBUSY} if the notifier collided with an
   *     invalidation: begin again; {@link Errno#EINVAL} if start >= end; {@link Errno#EPERM} if a
   *     page has to be made writable that lies in a VMA without the right; {@link Errno#EFAULT} if
   *     a requested page can't be made accessible
   * @throws IllegalArgumentException if the range has no notifier, is not page-aligned, has another
   *     page size than the address space, or is not covered by the notifier's interval
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the mmap lock, {@link
   *     KernelBug.Rule#MM_GONE} if the address space has no user, {@link
   *     KernelBug.Rule#NOT_REGISTERED} if the notifier is not inserted; nothing changes. {@link
   *     KernelBug.Rule#BAD_CONTEXT} if the fault handler dropped the mmap lock
   */
  Errno rangeFault(HmmRange range);
}

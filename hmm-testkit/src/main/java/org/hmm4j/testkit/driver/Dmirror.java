// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.kernel.Errno;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.device.DevicePageTable;

/**
 * An open file of the HMM test device, which mirrors one address space: {@code struct dmirror},
 * lib/test_hmm.c, Linux 6.1. Commands may run in parallel; none is called with a lock held, and all
 * may sleep. Addresses are in bytes and page-aligned.
 */
public interface Dmirror extends AutoCloseable {

  /**
   * What a command answers.
   *
   * @param errno {@link Errno#OK}, or why it failed
   * @param cpages pages that were handled; 0 after a failure
   * @param faults rounds of faulting that were needed; 0 after a failure
   */
  record Result(Errno errno, long cpages, long faults) {

    static Result failed(Errno errno) {
      return new Result(errno, 0, 0);
    }
  }

  /**
   * The device reads the first word of each page: {@code HMM_DMIRROR_READ}.
   *
   * @param address of the first page
   * @param values takes a word a page
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the address is not page-aligned, there is no
   *     page or the last is beyond the last address; or the error of {@link
   *     org.hmm4j.range.Hmm#rangeFault}
   */
  Result read(long address, int[] values);

  /**
   * The device writes the first word of each page: {@code HMM_DMIRROR_WRITE}.
   *
   * @param address of the first page
   * @param values a word a page
   * @return as {@link #read}; after a failure the first pages may have been written
   */
  Result write(long address, int[] values);

  /**
   * Reports what the CPU may do with each page, without faulting: {@code HMM_DMIRROR_SNAPSHOT}.
   *
   * @param address of the first page
   * @param perms takes the bits of {@link DmirrorProt} a page
   * @return as {@link #read}; {@link Errno#EFAULT} if the address space has exited
   */
  Result snapshot(long address, byte[] perms);

  /**
   * Runs one fault with the requests of the range, and again while it collides with an
   * invalidation. The device page table stays as it is.
   *
   * @param range the range with its requests, which are replaced by the answers
   * @return the answer of {@link org.hmm4j.range.Hmm#rangeFault}; {@link Errno#EBUSY} if it
   *     collided for a second
   */
  Errno rangeFault(HmmRange range);

  /**
   * Returns the device's page table, to be looked at under its lock.
   *
   * @return the page table
   */
  DevicePageTable pageTable();

  /**
   * Stops mirroring: {@code dmirror_fops_release}. The device accesses nothing any more. Context:
   * may sleep; the mmap lock is not held.
   *
   * @throws org.hmm4j.kernel.KernelBug {@link org.hmm4j.kernel.KernelBug.Rule#DOUBLE_FREE} at the
   *     second call
   */
  @Override
  void close();
}

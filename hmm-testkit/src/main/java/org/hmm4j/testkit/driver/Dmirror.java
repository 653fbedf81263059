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
   * Moves pages into the memory of the device, and reads the first word of each through its page
   * table: {@code HMM_DMIRROR_MIGRATE_TO_DEV}. Only pages of main memory that belong to this
   * process alone move, and those that were never touched; what the device has mapped before, it
   * reads where it is.
   *
   * @param address of the first page
   * @param values takes a word a page
   * @return {@link Errno#OK}; {@link Errno#EINVAL} as {@link #read}, at the first address that has
   *     no VMA or one that can't be read, and after the exit: what was moved before stays moved;
   *     {@link Errno#ENOENT} if the device has no entry for some page
   */
  Result migrateToDevice(long address, int[] values);

  /**
   * Moves pages out of the memory of the device: {@code HMM_DMIRROR_MIGRATE_TO_SYS}.
   *
   * @param address of the first page
   * @param pages how many
   * @return {@link Errno#OK} with the number of pages that moved; {@link Errno#EINVAL} as {@link
   *     #migrateToDevice}
   */
  Result migrateToSystem(long address, int pages);

  /**
   * Lets the device have pages to itself, and reads the first word of each: {@code
   * HMM_DMIRROR_EXCLUSIVE}.
   *
   * @param address of the first page
   * @param values takes a word a page
   * @return {@link Errno#OK}; {@link Errno#EINVAL} as {@link #read}, and after the exit; {@link
   *     Errno#EBUSY} if some page could not be had: those before, and others of its window, are
   *     taken all the same
   */
  Result exclusive(long address, int[] values);

  /**
   * Asks whether the device has no page of a range to itself: {@code HMM_DMIRROR_CHECK_EXCLUSIVE}.
   *
   * @param address of the first page
   * @param pages how many
   * @return {@link Errno#OK} if it has none; {@link Errno#EPERM} if it has one; {@link
   *     Errno#EINVAL} as {@link #read}
   */
  Errno checkExclusive(long address, int pages);

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
   * Stops mirroring: {@code dmirror_fops_release}. The device accesses nothing any more, and moves
   * all pages in its memory back to main memory. Context: may sleep; the mmap lock is not held.
   *
   * @throws org.hmm4j.kernel.KernelBug {@link org.hmm4j.kernel.KernelBug.Rule#DOUBLE_FREE} at the
   *     second call
   */
  @Override
  void close();
}

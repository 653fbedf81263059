// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.device.CopyEngine;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.PhysicalMemory;

/** The commands of the test device, the same over both APIs: lib/test_hmm.c, Linux 6.1. */
final class DmirrorCommands {

  /** How many pages one fault covers: the size of {@code pfns[]} on the driver's stack. */
  private static final int WINDOW_PAGES = 64;

  private final Kernel kernel;
  private final RangeSource memoryOfProcess;
  private final RangeSource bystander;
  private final DevicePageTable pageTable;
  private final CopyEngine engine;
  private final PageTableGeometry geometry;
  private final long zeroPfn;

  /**
   * Makes the commands of one device.
   *
   * @param memoryOfProcess answers for ranges that go into the device page table
   * @param bystander answers for ranges that are only looked at
   */
  DmirrorCommands(
      RangeSource memoryOfProcess,
      RangeSource bystander,
      DevicePageTable pageTable,
      PhysicalMemory memory,
      PageTableGeometry geometry) {
    this.kernel = memory.kernel();
    this.memoryOfProcess = memoryOfProcess;
    this.bystander = bystander;
    this.pageTable = pageTable;
    this.engine = new CopyEngine(pageTable, memory, geometry.pageSize());
    this.geometry = geometry;
    this.zeroPfn = memory.zeroPfn();
  }

  /** {@code dmirror_read}. */
  Dmirror.Result read(long address, int[] values) {
    return transfer(
        address, values.length, HmmPfn.REQ_FAULT, from -> engine.read(address, values, from));
  }

  /** {@code dmirror_write}. */
  Dmirror.Result write(long address, int[] values) {
    return transfer(
        address,
        values.length,
        HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE,
        from -> engine.write(address, values, from));
  }

  /** Copies pages from the given one on and returns the first that it could not. */
  private interface Copy {
    int from(int page);
  }

  private Dmirror.Result transfer(long address, int pages, long request, Copy copy) {
    if (!isValid(address, pages)) {
      return Dmirror.Result.failed(Errno.EINVAL);
    }
    long faults = 0;
    for (int done = copy.from(0); done < pages; done = copy.from(done)) {
      Errno errno = fault(address + done * geometry.pageSize(), pages - done, request);
      if (errno != Errno.OK) {
        return Dmirror.Result.failed(errno);
      }
      faults++;
    }
    return new Dmirror.Result(Errno.OK, pages, faults);
  }

  /** {@code dmirror_fault}. */
  private Errno fault(long address, int pages, long request) {
    for (int done = 0; done < pages; done += WINDOW_PAGES) {
      HmmRange range = window(address, done, pages).defaultFlags(request);
      Errno errno = memoryOfProcess.fault(range, () -> map(range));
      if (errno != Errno.OK) {
        return errno;
      }
    }
    return Errno.OK;
  }

  /** {@code dmirror_do_fault}. */
  private Errno map(HmmRange range) {
    boolean write = (range.defaultFlags() & HmmPfn.REQ_WRITE) != 0;
    for (int i = 0; i < range.pfns().length; i++) {
      long answer = range.pfn(i);
      if (!HmmPfn.isValid(answer)) {
        kernel.warn(badAnswer(range, i));
        continue;
      }
      if (write && !HmmPfn.isWritable(answer)) {
        kernel.warn(badAnswer(range, i));
        return Errno.EFAULT;
      }
      pageTable.map(
          range.start() + i * geometry.pageSize(), HmmPfn.pfn(answer), HmmPfn.isWritable(answer));
    }
    return Errno.OK;
  }

  private static String badAnswer(HmmRange range, int page) {
    return "page %d of %s was requested, but the answer is 0x%x"
        .formatted(page, range, range.pfn(page));
  }

  /** {@code dmirror_snapshot}. */
  Dmirror.Result snapshot(long address, byte[] perms) {
    if (!isValid(address, perms.length)) {
      return Dmirror.Result.failed(Errno.EINVAL);
    }
    for (int done = 0; done < perms.length; done += WINDOW_PAGES) {
      HmmRange range = window(address, done, perms.length);
      Errno errno = rangeFault(range);
      if (errno != Errno.OK) {
        return Dmirror.Result.failed(errno);
      }
      for (int i = 0; i < range.pfns().length; i++) {
        perms[done + i] = DmirrorProt.of(range.pfn(i), zeroPfn, geometry);
      }
    }
    return new Dmirror.Result(Errno.OK, perms.length, 0);
  }

  Errno rangeFault(HmmRange range) {
    return bystander.fault(range, () -> Errno.OK);
  }

  private HmmRange window(long address, int done, int pages) {
    long start = address + done * geometry.pageSize();
    int length = Math.min(WINDOW_PAGES, pages - done);
    return HmmRange.of(start, start + length * geometry.pageSize(), geometry.pageShift());
  }

  private boolean isValid(long address, int pages) {
    return pages > 0
        && address >= 0
        && geometry.isPageAligned(address)
        && address + pages * geometry.pageSize() > address;
  }
}

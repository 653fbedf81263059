// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
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
  private final DmirrorDevice device;
  private final DmirrorMigration migration;
  private final DmirrorExclusive exclusive;
  private final PhysicalMemory memory;
  private final PageTableGeometry geometry;

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
      DmirrorDevice device,
      DmirrorMigration migration,
      MmStruct mm) {
    this.kernel = mm.kernel();
    this.memoryOfProcess = memoryOfProcess;
    this.bystander = bystander;
    this.pageTable = pageTable;
    this.device = device;
    this.migration = migration;
    this.memory = device.memory();
    this.geometry = mm.addressSpace().pageTables().geometry();
    this.engine = new CopyEngine(pageTable, memory, geometry.pageSize());
    this.exclusive = new DmirrorExclusive(mm, memory.frames(), pageTable);
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
        // Pages in the device's own memory are never faulted, also where they are read-only.
        if (memory.frames().pagemap(HmmPfn.pfn(answer)) == null) {
          kernel.warn(badAnswer(range, i));
        }
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
        perms[done + i] = DmirrorProt.of(range.pfn(i), device, memory, geometry);
      }
    }
    return new Dmirror.Result(Errno.OK, perms.length, 0);
  }

  Errno rangeFault(HmmRange range) {
    return bystander.fault(range.devPrivateOwner(device), () -> Errno.OK);
  }

  /** {@code dmirror_migrate_to_device}. */
  Dmirror.Result migrateToDevice(long address, int[] values) {
    if (!isValid(address, values.length)) {
      return Dmirror.Result.failed(Errno.EINVAL);
    }
    return readBack(migration.toDevice(address, values.length), address, values);
  }

  /** {@code dmirror_migrate_to_system}. */
  Dmirror.Result migrateToSystem(long address, int pages) {
    return isValid(address, pages)
        ? migration.toSystem(address, pages)
        : Dmirror.Result.failed(Errno.EINVAL);
  }

  /** {@code dmirror_exclusive}. */
  Dmirror.Result exclusive(long address, int[] values) {
    if (!isValid(address, values.length)) {
      return Dmirror.Result.failed(Errno.EINVAL);
    }
    return readBack(exclusive.make(address, values.length), address, values);
  }

  /** {@code dmirror_check_atomic}. */
  Errno checkExclusive(long address, int pages) {
    return isValid(address, pages) ? exclusive.check(address, pages) : Errno.EINVAL;
  }

  /** Reads what the device has now, without faulting. */
  private Dmirror.Result readBack(Errno errno, long address, int[] values) {
    if (errno.isError()) {
      return Dmirror.Result.failed(errno);
    }
    return engine.read(address, values, 0) == values.length
        ? new Dmirror.Result(Errno.OK, values.length, 0)
        : Dmirror.Result.failed(Errno.ENOENT);
  }

  private HmmRange window(long address, int done, int pages) {
    long start = address + done * geometry.pageSize();
    int length = Math.min(WINDOW_PAGES, pages - done);
    long end = start + length * geometry.pageSize();
    return HmmRange.of(start, end, geometry.pageShift()).devPrivateOwner(device);
  }

  private boolean isValid(long address, int pages) {
    return pages > 0
        && address >= 0
        && geometry.isPageAligned(address)
        && address + pages * geometry.pageSize() > address;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorDevice;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.driver.MirrorDmirror;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.report.PageRows;
import org.hmm4j.testkit.report.ProcessPages;

/**
 * The process of a scenario: an address space, its file, and two open devices, on a kernel of its
 * own.
 *
 * @param mode what kind of process it is
 * @param kernel the kernel
 * @param memory its memory
 * @param mm the address space
 * @param file what file mappings map
 * @param devices the open devices, by number
 * @param hardware the devices themselves, by number
 * @param children those that it has forked
 */
record FakeProcess(
    Scenario.Mode mode,
    Kernel kernel,
    PhysicalMemory memory,
    FakeMm mm,
    FakeFile file,
    List<Dmirror> devices,
    List<DmirrorDevice> hardware,
    Children children) {

  /** Where page 0 of the region is. */
  static final long BASE = 0x4000_0000L;

  private static final int PAGE_SHIFT = 12;
  private static final int HUGETLB_PAGES = 16;

  /** The size of the file, and what its first pages begin with; the others are holes. */
  private static final int FILE_PAGES = 4096;

  private static final int WRITTEN_FILE_PAGES = 64;
  private static final int FIRST_FILE_WORD = 900_000;

  static FakeProcess start(DriverKind driver, Scenario.Mode mode) {
    MemoryType type =
        mode == Scenario.Mode.COHERENT ? MemoryType.DEVICE_COHERENT : MemoryType.DEVICE_PRIVATE;
    Kernel kernel = Kernel.boot();
    PhysicalMemory memory = PhysicalMemory.create(kernel, 1, 0);
    memory.huge().hugetlb().resize(HUGETLB_PAGES);
    FakeMm mm = FakeMm.create(kernel, memory);
    if (mode != Scenario.Mode.THP) {
      mm.disableHugePages();
    }
    FakeFile file = FakeFile.create(memory, FILE_PAGES);
    for (int page = 0; page < WRITTEN_FILE_PAGES; page++) {
      Errno errno = file.write(page, FIRST_FILE_WORD + page);
      if (errno.isError()) {
        throw new IllegalStateException("the file could not be written: " + errno);
      }
    }
    List<Dmirror> devices = new ArrayList<>();
    List<DmirrorDevice> hardware = new ArrayList<>();
    for (int device = 0; device < DeviceOperation.DEVICES; device++) {
      hardware.add(DmirrorDevice.create(memory, type));
      devices.add(
          switch (driver) {
            case INTERVAL -> IntervalDmirror.open(mm.mm(), hardware.get(device));
            case MIRROR -> MirrorDmirror.open(mm.mm(), hardware.get(device));
          });
    }
    Children children = new Children(kernel);
    return new FakeProcess(
        mode, kernel, memory, mm, file, List.copyOf(devices), List.copyOf(hardware), children);
  }

  static long address(int page) {
    return BASE + bytes(page);
  }

  static long bytes(int pages) {
    return (long) pages << PAGE_SHIFT;
  }

  PageRows pages() {
    return new ProcessPages(mm, BASE, file, devices);
  }

  /**
   * Ends the process as {@code do_exit} does: the address space goes first, then open files. Those
   * are open in the children too, which therefore go before.
   */
  List<String> exit() {
    children.reapAll();
    mm.exit();
    devices.forEach(Dmirror::close);
    List<String> inUse = new ArrayList<>();
    for (DmirrorDevice device : hardware) {
      // A device waits for its pages, and would for ever if one was lost.
      if (device.pagesInUse() == 0) {
        device.close();
      } else {
        inUse.add("device pages in use: " + device.pagesInUse());
      }
    }
    file.close();
    // Notifiers that were put are freed, and drop their mm, only after a grace period.
    MmuNotifiers.of(kernel).synchronize();
    inUse.addAll(left());
    return inUse;
  }

  private List<String> left() {
    List<String> left = new ArrayList<>();
    MmStruct counted = mm.mm();
    if (counted.mmUsers() != 0 || counted.mmCount() != 0) {
      left.add("mm_users %d, mm_count %d".formatted(counted.mmUsers(), counted.mmCount()));
    }
    if (memory.framesInUse() != 0) {
      left.add("page frames in use: " + memory.framesInUse());
    }
    kernel.allocations().live().forEach(allocation -> left.add("not freed: " + allocation));
    return left;
  }
}

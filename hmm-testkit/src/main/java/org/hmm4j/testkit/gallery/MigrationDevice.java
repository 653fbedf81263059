// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Map;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorDevice;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** A device on a {@link MigrationStage}, open on its process. */
final class MigrationDevice {

  /** So few that a second chunk is needed now and then, and an eviction is short. */
  private static final int CHUNK_PAGES = 2;

  private final MigrationStage stage;
  private final MigrationProcess process;
  private final DmirrorDevice device;
  private final Dmirror file;
  private final String name;
  private boolean closed;

  MigrationDevice(MigrationStage stage, String name, MemoryType type) {
    this.stage = stage;
    this.process = stage.process();
    this.name = name;
    this.device = DmirrorDevice.create(stage.memory(), type, CHUNK_PAGES);
    this.file = IntervalDmirror.open(process.mm().mm(), device);
  }

  int pagesInUse() {
    return device.pagesInUse();
  }

  /** To the device; what it reads there then must be what the pages held. */
  void migrateThere(int first, int count) {
    int begun = stage.tick();
    int[] values = new int[count];
    Errno errno = file.migrateToDevice(MigrationStage.address(first), values).errno();
    if (errno == Errno.OK) {
      for (int i = 0; i < count; i++) {
        process.check(first + i, values[i], begun, name);
      }
    } else if (errno != Errno.ENOENT) {
      checkError(errno, Errno.EINVAL, first, count);
    }
  }

  void migrateBack(int first, int count) {
    Errno errno = file.migrateToSystem(MigrationStage.address(first), count).errno();
    if (errno != Errno.OK) {
      checkError(errno, Errno.EINVAL, first, count);
    }
  }

  /** A command may fail on a page that is unmapped, and after the exit. */
  private void checkError(Errno errno, Errno gone, int first, int count) {
    boolean allowed = process.hasExited() || stage.hasFailed();
    for (int page = first; page < first + count; page++) {
      allowed |= process.isUnmapping(page);
    }
    RuleBrokenError.unless(
        allowed && (errno == gone || stage.hasFailed()), "I51", name + " gets " + errno);
  }

  void read(int page) {
    int begun = stage.tick();
    int[] values = new int[1];
    Errno errno = file.read(MigrationStage.address(page), values).errno();
    if (errno == Errno.OK) {
      process.check(page, values[0], begun, name);
    } else {
      checkError(errno, Errno.EFAULT, page, 1);
    }
  }

  /** Fails also on a page that a child shares: pages of its own memory are never faulted. */
  void write(int page) {
    int value = stage.newValue();
    process.history(page).begin(value, stage.tick());
    Errno errno = file.write(MigrationStage.address(page), new int[] {value}).errno();
    if (errno == Errno.OK) {
      process.history(page).end(value, stage.tick());
      return;
    }
    process.history(page).withdraw(value);
    if (!stage.hasForked()) {
      checkError(errno, Errno.EFAULT, page, 1);
    }
  }

  /** A range that is unmapped is not in the table of a device any more. */
  void checkUnmapped(int first, int count) {
    DevicePageTable table = file.pageTable();
    table.lock().lock();
    try {
      for (int page = first; page < first + count; page++) {
        RuleBrokenError.unless(
            table.find(MigrationStage.address(page)) == null,
            "I26",
            name + " still maps page " + page + ", which is unmapped");
      }
    } finally {
      table.lock().unlock();
    }
  }

  /** Nothing goes on: each entry of the device is that of the process. */
  void checkTable() {
    DevicePageTable table = file.pageTable();
    table.lock().lock();
    Map<Long, DevicePageTable.Entry> entries = table.snapshot();
    table.lock().unlock();
    entries.forEach(
        (index, entry) -> {
          long pte = process.mm().pte(MigrationStage.addressOf(index));
          boolean same =
              (Pte.isPresent(pte) || Pte.kind(pte) == Pte.DEVICE_PRIVATE)
                  && Pte.pfn(pte) == entry.pfn()
                  && (!entry.writable() || (pte & Pte.WRITE) != 0);
          RuleBrokenError.unless(
              same,
              "I26",
              "%s maps %s where the process has %s".formatted(name, entry, Pte.toString(pte)));
        });
  }

  /** Closes the file: what is in the memory of the device goes back. */
  void close() {
    if (!closed) {
      closed = true;
      file.close();
    }
  }

  /** Takes the device away, which waits for all its pages. */
  void remove() {
    close();
    device.close();
  }

  @Override
  public String toString() {
    return name;
  }
}

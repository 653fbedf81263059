// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.devmem.DeviceFault;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.PhysicalMemory;

/** What the test device is over both APIs: a lock, the page table under it, and the commands. */
abstract class MirroringDevice implements Dmirror {

  /** {@code HMM_RANGE_DEFAULT_TIMEOUT}, include/linux/hmm.h: a second. */
  static final long TIMEOUT_MILLIS = 1000;

  static final long WHOLE_ADDRESS_SPACE = -1L;

  private final Mutex lock;
  private final DevicePageTable pageTable;
  private final DmirrorCommands commands;
  private final DmirrorDevice device;
  private final boolean ownsDevice;
  private final DmirrorMigration migration;

  /** Opens on a device that others may have open, too; or on one of its own, if that is null. */
  MirroringDevice(MmStruct mm, PhysicalMemory memory, DmirrorDevice shared) {
    PageTableGeometry geometry = mm.addressSpace().pageTables().geometry();
    this.lock = mm.kernel().mutex("dmirror->mutex");
    this.pageTable = new DevicePageTable(lock, geometry.pageShift(), mm.kernel().tracer());
    this.ownsDevice = shared == null;
    this.device = ownsDevice ? DmirrorDevice.create(memory, MemoryType.DEVICE_PRIVATE) : shared;
    this.migration = new DmirrorMigration(this, mm, device, pageTable);
    this.commands =
        new DmirrorCommands(this::faultIn, this::lookAt, pageTable, device, migration, mm);
  }

  /** Gets an answer that goes into the device page table, see {@link RangeSource#fault}. */
  abstract Errno faultIn(HmmRange range, Supplier<Errno> use);

  /** Gets an answer that is only looked at, see {@link RangeSource#fault}. */
  abstract Errno lookAt(HmmRange range, Supplier<Errno> use);

  /** Takes the device lock, which a callback that must not sleep may fail to get. */
  final boolean lockForCallback(boolean blockable) {
    if (blockable) {
      lock.lock();
      return true;
    }
    return lock.tryLock();
  }

  final Mutex lock() {
    return lock;
  }

  /** Who causes the invalidations of its own migrations: {@code dmirror->mdevice}. */
  final DmirrorDevice device() {
    return device;
  }

  final int migrateToRam(DeviceFault fault) {
    return migration.migrateToRam(fault);
  }

  /** The pages that it migrated would find nobody to bring them back. */
  final void releaseDevice() {
    device.evict();
    if (ownsDevice) {
      device.close();
    }
  }

  final void dropEverything() {
    lock.lock();
    try {
      pageTable.drop(0, WHOLE_ADDRESS_SPACE);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final Result read(long address, int[] values) {
    return commands.read(address, values);
  }

  @Override
  public final Result write(long address, int[] values) {
    return commands.write(address, values);
  }

  @Override
  public final Result snapshot(long address, byte[] perms) {
    return commands.snapshot(address, perms);
  }

  @Override
  public final Result migrateToDevice(long address, int[] values) {
    return commands.migrateToDevice(address, values);
  }

  @Override
  public final Result migrateToSystem(long address, int pages) {
    return commands.migrateToSystem(address, pages);
  }

  @Override
  public final Result exclusive(long address, int[] values) {
    return commands.exclusive(address, values);
  }

  @Override
  public final Errno checkExclusive(long address, int pages) {
    return commands.checkExclusive(address, pages);
  }

  @Override
  public final Errno rangeFault(HmmRange range) {
    return commands.rangeFault(range);
  }

  @Override
  public final DevicePageTable pageTable() {
    return pageTable;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.machine.Machine;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.testkit.mm.PhysicalMemory;

/**
 * The test driver on the mirror API of Linux 5.3. One mirror keeps the device page table in step,
 * and each range is registered with it for the time of its fault.
 *
 * <p>The mirror API does not tell of an invalidation that begins and ends between the fault and the
 * check of {@link HmmRange#valid()}. This driver closes that hole for itself: it counts the
 * invalidations that it was told of, under the lock that guards its page table.
 */
public final class MirrorDmirror extends MirroringDevice {

  private final MmStruct mm;
  private final Machine machine;
  private final HmmMirror mirror;

  @GuardedBy("lock")
  private long invalidations;

  private MirrorDmirror(MmStruct mm, PhysicalMemory memory, DmirrorDevice shared) {
    super(mm, memory, shared);
    this.mm = mm;
    this.machine = mm.kernel().machine();
    this.mirror = Hmm.of(mm.kernel()).mirror(new Callbacks());
  }

  /**
   * Opens a device of its own, with private memory, on an address space. Context: may sleep; takes
   * the mmap lock for write.
   *
   * @param mm an address space with a user
   * @param memory where its page frames are
   * @return the open device
   * @throws IllegalStateException if the mirror could not be registered
   */
  public static MirrorDmirror open(MmStruct mm, PhysicalMemory memory) {
    return open(new MirrorDmirror(mm, memory, null), mm);
  }

  /**
   * As {@link #open(MmStruct, PhysicalMemory)}, on a device that may be open elsewhere, too, and
   * has to be closed by the caller.
   *
   * @param mm an address space with a user
   * @param shared the device
   * @return the open device
   * @throws IllegalStateException if the mirror could not be registered
   */
  public static MirrorDmirror open(MmStruct mm, DmirrorDevice shared) {
    return open(new MirrorDmirror(mm, shared.memory(), shared), mm);
  }

  private static MirrorDmirror open(MirrorDmirror device, MmStruct mm) {
    mm.mmapLock().writeLock();
    try {
      Errno errno = device.mirror.register(mm);
      if (errno != Errno.OK) {
        throw new IllegalStateException("the device could not be opened: " + errno);
      }
    } finally {
      mm.mmapLock().writeUnlock();
    }
    return device;
  }

  private final class Callbacks implements HmmMirrorOps {

    @Override
    public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
      if (update.event() == MmuNotifierEvent.MIGRATE && update.owner() == device()) {
        return Errno.OK;
      }
      if (!lockForCallback(update.blockable())) {
        return Errno.EAGAIN;
      }
      try {
        invalidations++;
        pageTable().drop(update.start(), update.end());
      } finally {
        lock().unlock();
      }
      return Errno.OK;
    }

    @Override
    public void release(HmmMirror mirror) {
      dropEverything();
    }

    @Override
    public String toString() {
      return "dmirror";
    }
  }

  @Override
  Errno faultIn(HmmRange range, Supplier<Errno> use) {
    Errno errno = mirror.rangeRegister(range);
    if (errno != Errno.OK) {
      return errno;
    }
    try {
      return faultRegistered(range, use);
    } finally {
      mirror.rangeUnregister(range);
    }
  }

  /** A registered range is all that a look needs, too: there is nothing to take back. */
  @Override
  Errno lookAt(HmmRange range, Supplier<Errno> use) {
    return faultIn(range, use);
  }

  private Errno faultRegistered(HmmRange range, Supplier<Errno> use) {
    Requests requests = Requests.of(range);
    long begun = machine.nanoTime();
    while (machine.nanoTime() - begun <= TIMEOUT_MILLIS * 1_000_000) {
      requests.restore(range);
      long before = invalidations();
      if (!range.waitUntilValid(TIMEOUT_MILLIS)) {
        return Errno.EBUSY;
      }
      Errno errno = walk(range);
      if (errno == Errno.EBUSY) {
        continue;
      }
      if (errno != Errno.OK) {
        return errno;
      }
      lock().lock();
      try {
        if (range.valid() && invalidations == before) {
          return use.get();
        }
      } finally {
        lock().unlock();
      }
    }
    return Errno.EBUSY;
  }

  private long invalidations() {
    lock().lock();
    try {
      return invalidations;
    } finally {
      lock().unlock();
    }
  }

  private Errno walk(HmmRange range) {
    mm.mmapLock().readLock();
    try {
      return mirror.rangeFault(range);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  @Override
  public void close() {
    mirror.unregister();
    dropEverything();
    releaseDevice();
  }
}

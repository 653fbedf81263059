// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;

/** Which frames lie on devices: {@code iomem_resource}, kernel/resource.c, Linux 6.1. */
final class DeviceFrames {

  /** Main memory has lower frame numbers. */
  private static final long FIRST_PFN = 1L << 32;

  private final SpinLock lock;

  @GuardedBy("lock to write")
  private volatile List<DeviceMemory> devices = List.of();

  @GuardedBy("lock")
  private long nextPfn = FIRST_PFN;

  DeviceFrames(SpinLock lock) {
    this.lock = lock;
  }

  /** Gives a device its frames, and returns the first. */
  long add(DeviceMemory device) {
    lock.lock();
    long first = ((nextPfn - 1) | ((1L << device.order()) - 1)) + 1;
    nextPfn = first + device.pages();
    List<DeviceMemory> all = new ArrayList<>(devices);
    all.add(device);
    devices = List.copyOf(all);
    lock.unlock();
    return first;
  }

  static boolean contain(long pfn) {
    return pfn >= FIRST_PFN && !ZoneDevice.contains(pfn);
  }

  /** Finds the device that a frame lies on. */
  DeviceMemory find(long pfn) {
    for (DeviceMemory device : devices) {
      if (device.firstPfn() <= pfn && pfn - device.firstPfn() < device.pages()) {
        return device;
      }
    }
    throw new KernelBug(Rule.NOT_REGISTERED, "no device at pfn 0x" + Long.toHexString(pfn));
  }

  int read(long pfn) {
    DeviceMemory device = find(pfn);
    return device.read((int) (pfn - device.firstPfn()));
  }

  /** Only the first word is kept. */
  void write(long pfn, int index, int value) {
    DeviceMemory device = find(pfn);
    if (index == 0) {
      device.write((int) (pfn - device.firstPfn()), value);
    }
  }
}

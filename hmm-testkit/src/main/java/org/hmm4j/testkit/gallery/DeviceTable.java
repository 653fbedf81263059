// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Map;
import java.util.TreeMap;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** The page table of a device, and the lock of its driver. */
final class DeviceTable {

  final Mutex lock;

  private final String name;
  private final FakeMm process;

  // Guarded by lock.
  private final Map<Long, Long> entries = new TreeMap<>();

  DeviceTable(Kernel kernel, FakeMm process, String name) {
    this.lock = kernel.mutex("driver->lock");
    this.process = process;
    this.name = name;
  }

  /** Takes the lock in a callback; false if that would have to sleep where it must not. */
  boolean lockForCallback(boolean blockable) {
    if (!blockable) {
      return lock.tryLock();
    }
    lock.lock();
    return true;
  }

  /**
   * Maps what a fault has answered. Under the lock, and only if nothing was invalidated since.
   *
   * @param rule what says that the answers still hold
   */
  void map(HmmRange range, String rule) {
    for (int i = 0; i < range.pfns().length; i++) {
      if (HmmPfn.isValid(range.pfn(i))) {
        long address = range.start() + ((long) i << range.pageShift());
        entries.put(address, range.pfn(i));
        check(address, range.pfn(i), rule);
      }
    }
  }

  /** Takes away what an invalidation covers. Under the lock. The exit covers all up to ~0. */
  void drop(long start, long end) {
    entries
        .keySet()
        .removeIf(
            address ->
                Long.compareUnsigned(address, start) >= 0
                    && Long.compareUnsigned(address, end) < 0);
  }

  void dropAll() {
    lock.lock();
    try {
      entries.clear();
    } finally {
      lock.unlock();
    }
  }

  /** I26: when nothing runs any more, the device has nothing that the CPU has not. */
  void checkCoherent() {
    lock.lock();
    try {
      entries.forEach((address, entry) -> check(address, entry, "I26"));
    } finally {
      lock.unlock();
    }
  }

  private void check(long address, long entry, String rule) {
    long pte = process.pte(address);
    RuleBrokenError.unless(
        (pte & Pte.PROTNONE) == 0, "I24", "0x%x: the CPU may not access it".formatted(address));
    RuleBrokenError.unless(
        Pte.isPresent(pte)
            && Pte.pfn(pte) == HmmPfn.pfn(entry)
            && (!HmmPfn.isWritable(entry) || (pte & Pte.WRITE) != 0),
        rule,
        "device %s has 0x%x at 0x%x, the CPU 0x%x".formatted(name, entry, address, pte));
  }
}

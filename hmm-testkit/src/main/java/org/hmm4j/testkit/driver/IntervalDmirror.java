// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.mm.PhysicalMemory;

/**
 * The test driver on the interval API: lib/test_hmm.c, Linux 6.1. One notifier covers the whole
 * address space and keeps the device page table in step; what is only looked at gets a notifier of
 * its own for the while.
 */
public final class IntervalDmirror extends MirroringDevice {

  private final MmStruct mm;
  private final MmuNotifiers notifiers;
  private final MmuIntervalNotifier notifier;
  private final RangeFaults faults;

  private IntervalDmirror(MmStruct mm, PhysicalMemory memory, DmirrorDevice shared) {
    super(mm, memory, shared);
    Kernel kernel = mm.kernel();
    this.mm = mm;
    this.notifiers = MmuNotifiers.of(kernel);
    this.notifier = notifiers.intervalNotifier(this::invalidate);
    this.faults = new RangeFaults(mm, Hmm.of(kernel), lock());
  }

  /**
   * Opens a device of its own, with private memory, on an address space: {@code dmirror_fops_open}.
   * Context: may sleep; the mmap lock is not held.
   *
   * @param mm an address space with a user
   * @param memory where its page frames are
   * @return the open device
   * @throws IllegalStateException if the notifier could not be inserted
   */
  public static IntervalDmirror open(MmStruct mm, PhysicalMemory memory) {
    return open(new IntervalDmirror(mm, memory, null), mm);
  }

  /**
   * As {@link #open(MmStruct, PhysicalMemory)}, on a device that may be open elsewhere, too, and
   * has to be closed by the caller.
   *
   * @param mm an address space with a user
   * @param shared the device
   * @return the open device
   * @throws IllegalStateException if the notifier could not be inserted
   */
  public static IntervalDmirror open(MmStruct mm, DmirrorDevice shared) {
    return open(new IntervalDmirror(mm, shared.memory(), shared), mm);
  }

  private static IntervalDmirror open(IntervalDmirror device, MmStruct mm) {
    Errno errno = device.notifier.insert(mm, 0, WHOLE_ADDRESS_SPACE);
    if (errno != Errno.OK) {
      throw new IllegalStateException("the device could not be opened: " + errno);
    }
    return device;
  }

  /**
   * {@code dmirror_interval_invalidate}. Its own migrations change the table themselves. Unlike the
   * kernel's driver, they collide with a fault: else that may map a page that has left since.
   */
  private boolean invalidate(MmuIntervalNotifier subscription, MmuNotifierRange range, long seq) {
    if (!lockForCallback(range.blockable())) {
      return false;
    }
    try {
      subscription.setSeq(seq);
      if (range.event() != MmuNotifierEvent.MIGRATE || range.owner() != device()) {
        pageTable().drop(range.start(), range.end());
      }
    } finally {
      lock().unlock();
    }
    return true;
  }

  /** {@code dmirror_snapshot_invalidate}: there is nothing to take back, only to begin again. */
  private boolean invalidateLook(
      MmuIntervalNotifier subscription, MmuNotifierRange range, long seq) {
    if (!lockForCallback(range.blockable())) {
      return false;
    }
    try {
      subscription.setSeq(seq);
    } finally {
      lock().unlock();
    }
    return true;
  }

  @Override
  Errno faultIn(HmmRange range, Supplier<Errno> use) {
    return withUser(() -> faults.fault(notifier, range, use));
  }

  @Override
  Errno lookAt(HmmRange range, Supplier<Errno> use) {
    return withUser(
        () -> {
          MmuIntervalNotifier temporary = notifiers.intervalNotifier(this::invalidateLook);
          Errno errno = temporary.insert(mm, range.start(), range.end() - range.start());
          if (errno != Errno.OK) {
            return errno;
          }
          try {
            return faults.fault(temporary, range, use);
          } finally {
            temporary.remove();
          }
        });
  }

  private Errno withUser(Supplier<Errno> work) {
    if (!mm.mmgetNotZero()) {
      return Errno.EFAULT;
    }
    try {
      return work.get();
    } finally {
      mm.mmput();
    }
  }

  @Override
  public void close() {
    notifier.remove();
    dropEverything();
    releaseDevice();
  }
}

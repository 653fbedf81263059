// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.machine.Machine;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmRange;

/**
 * The reader's loop of the interval API: {@code dmirror_range_fault}, lib/test_hmm.c, Linux 6.1.
 * The answer is used only under the driver's lock, after asking there whether it still holds.
 */
final class RangeFaults {

  private final MmStruct mm;
  private final Hmm hmm;
  private final Mutex lock;
  private final Machine machine;

  RangeFaults(MmStruct mm, Hmm hmm, Mutex lock) {
    this.mm = mm;
    this.hmm = hmm;
    this.lock = lock;
    this.machine = mm.kernel().machine();
  }

  Errno fault(MmuIntervalNotifier notifier, HmmRange range, Supplier<Errno> use) {
    Requests requests = Requests.of(range);
    long begun = machine.nanoTime();
    while (machine.nanoTime() - begun <= MirroringDevice.TIMEOUT_MILLIS * 1_000_000) {
      requests.restore(range);
      long seq = notifier.readBegin();
      Errno errno = walk(range.notifier(notifier, seq));
      if (errno == Errno.EBUSY) {
        continue;
      }
      if (errno != Errno.OK) {
        return errno;
      }
      lock.lock();
      try {
        if (!notifier.readRetry(seq)) {
          return use.get();
        }
      } finally {
        lock.unlock();
      }
    }
    return Errno.EBUSY;
  }

  private Errno walk(HmmRange range) {
    mm.mmapLock().readLock();
    try {
      return hmm.rangeFault(range);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }
}

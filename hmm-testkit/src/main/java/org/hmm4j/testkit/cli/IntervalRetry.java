// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** The reader's loop of the interval API, step by step, with an invalidation at the worst place. */
final class IntervalRetry {

  private static final int PAGE = 3;

  private final DemoProcess process;
  private final Narrator narrator;
  private final MmStruct mm;
  private final Mutex lock;
  private final MmuIntervalNotifier notifier;

  IntervalRetry(DemoProcess process, Narrator narrator) {
    this.process = process;
    this.narrator = narrator;
    this.mm = process.mm().mm();
    this.lock = process.kernel().mutex("demo->lock");
    this.notifier = MmuNotifiers.of(process.kernel()).intervalNotifier(this::invalidate);
  }

  private boolean invalidate(MmuIntervalNotifier sub, MmuNotifierRange range, long seq) {
    if (range.blockable()) {
      lock.lock();
    } else if (!lock.tryLock()) {
      return false;
    }
    try {
      sub.setSeq(seq);
    } finally {
      lock.unlock();
    }
    return true;
  }

  void tell() {
    HmmRange range =
        HmmRange.of(DemoProcess.address(PAGE), DemoProcess.address(PAGE + 1))
            .defaultFlags(HmmPfn.REQ_FAULT);
    notifier.insert(mm, range.start(), range.end() - range.start());
    boolean again = true;
    for (int attempt = 1; again; attempt++) {
      again = attempt(range, attempt == 1);
    }
    notifier.remove();
  }

  /** One turn of the loop; true if it has to be repeated. */
  private boolean attempt(HmmRange range, boolean disturbed) {
    long seq = notifier.readBegin();
    narrator.act("mmu_interval_read_begin");
    narrator.outcome("sequence " + seq);
    Errno errno = walk(range.notifier(notifier, seq));
    narrator.act("hmm_range_fault(%s)".formatted(DemoProcess.pages(PAGE, PAGE + 1)));
    narrator.outcome("%s, page frame 0x%x".formatted(errno, HmmPfn.pfn(range.pfn(0))));
    if (disturbed) {
      process.cpuWrites(PAGE, 43);
    }
    boolean again = readRetry(seq);
    narrator.act("mmu_interval_read_retry(%d)".formatted(seq));
    narrator.outcome(again ? "true: the answer is out of date, begin again" : "false: use it");
    return again;
  }

  private Errno walk(HmmRange range) {
    mm.mmapLock().readLock();
    try {
      return Hmm.of(process.kernel()).rangeFault(range);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  private boolean readRetry(long seq) {
    lock.lock();
    try {
      return notifier.readRetry(seq);
    } finally {
      lock.unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.kernel.Errno;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** A device on the interval API, with one interval over all pages. */
final class IntervalDevice implements MmuIntervalNotifierOps, StageDevice {

  private static final int TRIES = 3;

  private final Stage stage;
  private final String name;
  private final MmuIntervalNotifier notifier;
  private final DeviceTable table;
  private boolean open;
  private boolean gone;

  IntervalDevice(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
    this.notifier = stage.notifiers.intervalNotifier(this);
    this.table = new DeviceTable(stage.kernel, stage.process, name);
  }

  void open() {
    if (open) {
      return;
    }
    stage.asUser(
        () -> {
          Errno errno = insert();
          RuleBrokenError.unless(errno == Errno.OK, "I37", "an interval with a user: " + errno);
          open = true;
          gone = false;
        });
  }

  /** I37: an interval is not inserted once the last user has gone. */
  void openCarelessly() {
    boolean late = stage.mm.mmUsers() == 0;
    if (!open && insert() == Errno.OK) {
      open = true;
      RuleBrokenError.unless(!late, "I37", "an interval is inserted after the exit");
    }
  }

  private Errno insert() {
    return notifier.insert(stage.mm, 0, stage.process.pageTables().geometry().taskSize());
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      notifier.remove();
      gone = true;
      table.dropAll();
    }
  }

  @Override
  public boolean invalidate(MmuIntervalNotifier subscription, MmuNotifierRange range, long seq) {
    checkNotGone();
    if (!table.lockForCallback(range.blockable())) {
      stage.noteRefusal();
      return false;
    }
    try {
      subscription.setSeq(seq);
      table.drop(range.start(), range.end());
    } finally {
      table.lock.unlock();
    }
    checkNotGone();
    return true;
  }

  private void checkNotGone() {
    RuleBrokenError.unless(!gone, "I38", "a callback of " + name + " runs after its removal");
  }

  /** Takes the sequence, which I43 wants to come back. */
  void read() {
    if (open) {
      notifier.readBegin();
    }
  }

  /** Faults and maps. */
  void fault(Want want) {
    if (!open) {
      return;
    }
    HmmRange range = want.range();
    for (int i = 0; i < TRIES; i++) {
      long seq = notifier.readBegin();
      range.notifier(notifier, seq);
      if (walk(range, want) && map(range, seq)) {
        return;
      }
    }
  }

  private boolean walk(HmmRange range, Want want) {
    want.fill(range);
    stage.faults.expect(want);
    stage.mm.mmapLock().readLock();
    Errno errno;
    try {
      errno = stage.hmm.rangeFault(range);
    } finally {
      stage.mm.mmapLock().readUnlock();
    }
    if (errno == Errno.EBUSY) {
      RuleBrokenError.unless(
          notifier.checkRetry(range.notifierSeq()), "I48b", "EBUSY without a collision");
      return false;
    }
    if (errno == Errno.EFAULT && stage.isDying()) {
      return false;
    }
    RuleBrokenError.unless(errno == want.answer(), want.rule(), "answered " + errno);
    if (errno == Errno.OK) {
      want.checkAnswered(range);
    }
    return errno == Errno.OK;
  }

  private boolean map(HmmRange range, long seq) {
    table.lock.lock();
    try {
      if (notifier.readRetry(seq)) {
        return false;
      }
      checkEmptyEntries(range);
      table.map(range, "I42");
      return true;
    } finally {
      table.lock.unlock();
    }
  }

  /** I32: an entry that is not valid is nothing but an error, or empty but for the frame. */
  private static void checkEmptyEntries(HmmRange range) {
    for (int i = 0; i < range.pfns().length; i++) {
      long entry = range.pfn(i);
      RuleBrokenError.unless(
          HmmPfn.isValid(entry)
              ? (entry & HmmPfn.ERROR) == 0
              : entry == HmmPfn.ERROR || (entry & ~HmmPfn.PFN_MASK) == 0,
          "I32",
          "an answer has bits that the CPU's entry has not: 0x%x".formatted(entry));
    }
  }

  @Override
  public void checkAtRest() {
    if (open) {
      table.checkCoherent();
    }
  }
}

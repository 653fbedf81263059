// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;

/**
 * The reader's loop of the mirror API, step by step, with an invalidation at the worst place.
 * {@code hmm_range_valid} does not tell of one that is over already; the driver has to count for
 * itself.
 */
final class MirrorRetry implements HmmMirrorOps {

  private static final int PAGE = 3;
  private static final long TIMEOUT_MILLIS = 1000;

  private final DemoProcess process;
  private final Narrator narrator;
  private final MmStruct mm;
  private final Mutex lock;
  private final HmmMirror mirror;

  @GuardedBy("lock")
  private long updates;

  MirrorRetry(DemoProcess process, Narrator narrator) {
    this.process = process;
    this.narrator = narrator;
    this.mm = process.mm().mm();
    this.lock = process.kernel().mutex("demo->lock");
    this.mirror = Hmm.of(process.kernel()).mirror(this);
  }

  @Override
  public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
    if (update.blockable()) {
      lock.lock();
    } else if (!lock.tryLock()) {
      return Errno.EAGAIN;
    }
    try {
      updates++;
    } finally {
      lock.unlock();
    }
    return Errno.OK;
  }

  void tell() {
    register();
    HmmRange range =
        HmmRange.of(DemoProcess.address(PAGE), DemoProcess.address(PAGE + 1))
            .defaultFlags(HmmPfn.REQ_FAULT);
    narrator.act("hmm_range_register(%s)".formatted(DemoProcess.pages(PAGE, PAGE + 1)));
    narrator.outcome(mirror.rangeRegister(range));
    boolean again = true;
    for (int attempt = 1; again; attempt++) {
      again = attempt(range, attempt == 1);
    }
    narrator.act("hmm_range_unregister");
    mirror.rangeUnregister(range);
    mirror.unregister();
  }

  /** One turn of the loop; true if it has to be repeated. */
  private boolean attempt(HmmRange range, boolean disturbed) {
    narrator.act("hmm_range_wait_until_valid");
    narrator.outcome(range.waitUntilValid(TIMEOUT_MILLIS));
    final long before = updates();
    Errno errno = walk(range);
    narrator.act("hmm_range_fault");
    narrator.outcome("%s, page frame 0x%x".formatted(errno, HmmPfn.pfn(range.pfn(0))));
    if (disturbed) {
      process.cpuWrites(PAGE, 43);
    }
    boolean again;
    boolean valid;
    lock.lock();
    try {
      valid = range.valid();
      again = updates != before;
    } finally {
      lock.unlock();
    }
    narrator.act("hmm_range_valid");
    narrator.outcome(valid + (again ? ", though the answer is out of date: this API's hole" : ""));
    narrator.act("updates counted by the driver since: " + (again ? "one" : "none"));
    narrator.outcome(again ? "begin again" : "use the answer");
    return again;
  }

  private void register() {
    mm.mmapLock().writeLock();
    try {
      mirror.register(mm);
    } finally {
      mm.mmapLock().writeUnlock();
    }
  }

  private long updates() {
    lock.lock();
    try {
      return updates;
    } finally {
      lock.unlock();
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
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.REQ;
import static org.hmm4j.impl.range.Bench.REQ_RW;
import static org.hmm4j.impl.range.Bench.V;
import static org.hmm4j.impl.range.Bench.VW;
import static org.hmm4j.impl.range.Bench.assertBug;
import static org.hmm4j.impl.range.Bench.assertPfns;
import static org.hmm4j.impl.range.ScriptedAddressSpace.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fault and snapshot of the mirror API: cards P05, P19 and the state of the mmap lock. */
final class MirrorFaultTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;
  private final ScriptedAddressSpace space = bench.space;
  private final HmmMirror mirror = it.mirror("a");
  private final HmmRange range = it.registered(mirror, 4, 6);

  @Test
  void R247_faultsWhatIsRequestedAndKeepsTheLock() {
    range.defaultFlags(REQ_RW);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFault(range)));
    assertPfns(range, frame(bench.at(4)) | VW, frame(bench.at(5)) | VW);
    assertEquals(Bench.faults(4, 6, "w"), bench.faults());
  }

  @Test
  void R245_p05_i16_blockingFaultsNeverAllowToDropTheLock() {
    range.defaultFlags(REQ);
    bench.locked(() -> mirror.rangeFault(range));
    assertEquals(0, space.faults.get(0).flags() & FaultFlags.ALLOW_RETRY);
    space.faults.clear();
    HmmRange other = it.registered(mirror, 40, 41).defaultFlags(REQ_RW);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFaultAllowRetry(other)));
    assertEquals(
        FaultFlags.ALLOW_RETRY | FaultFlags.REMOTE | FaultFlags.WRITE,
        space.faults.get(0).flags(),
        "allowed, but not used: the lock is held");
  }

  @ParameterizedTest
  @ValueSource(ints = {VmFault.RETRY, VmFault.COMPLETED, VmFault.RETRY | VmFault.MAJOR})
  void R245_p05_p19_eagainMeansThatTheLockWasDropped(int bits) {
    range.defaultFlags(REQ);
    space.handler =
        (vma, address, flags) -> {
          if ((flags & FaultFlags.ALLOW_RETRY) == 0) {
            return space.map(vma, address, flags);
          }
          bench.mm.mmapLock().readUnlock();
          return bits;
        };
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFault(range)));
    bench.tables.putPmd(bench.at(4), Pte.NONE);
    space.faults.clear();
    bench.mm.mmapLock().readLock();
    assertEquals(Errno.EAGAIN, mirror.rangeFaultAllowRetry(range));
    assertFalse(bench.mm.mmapLock().isHeld());
    assertEquals(1, space.faults.size(), "nothing is touched without the lock");
    assertTrue(range.valid());
  }

  @Test
  void R244_p19_anInvalidRangeIsEbusyWithTheLockHeldInEveryCall() {
    range.defaultFlags(REQ);
    range.pfns()[0] = 7;
    it.start(4, 5);
    assertEquals(Errno.EBUSY, bench.locked(() -> mirror.rangeFault(range)));
    assertEquals(Errno.EBUSY, bench.locked(() -> mirror.rangeFaultAllowRetry(range)));
    assertEquals(Errno.EBUSY, bench.locked(() -> mirror.rangeSnapshot(range)));
    assertPfns(range, 7, 0);
    assertEquals(List.of(), space.faults);
    it.end(4, 5);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeSnapshot(range)));
  }

  @Test
  void R244_p19_invalidatedWhileItFaultsIsEbusyToo() {
    range.defaultFlags(REQ);
    space.handler =
        (vma, address, flags) -> {
          if (address == bench.at(4)) {
            it.start(4, 5);
          }
          return space.map(vma, address, flags);
        };
    assertEquals(Errno.EBUSY, bench.locked(() -> mirror.rangeFault(range)));
    it.end(4, 5);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFault(range)));
  }

  @ParameterizedTest
  @ValueSource(longs = {REQ, REQ_RW})
  void R246_snapshotIgnoresRequestsOfEveryKind(long request) {
    bench.tables.putPte(bench.at(4), Pte.present(9, 0));
    bench.tables.putPte(bench.at(5), Pte.nonPresent(Pte.MIGRATION, 1));
    range.defaultFlags(request).pfnFlagsMask(-1L);
    range.pfns()[0] = REQ_RW | 0x123;
    range.pfns()[1] = REQ_RW | 0x123;
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeSnapshot(range)));
    assertPfns(range, 9 | V, 0);
    assertEquals(List.of(), space.faults);
    assertEquals(List.of(), bench.tables.waits);
    assertEquals(request, range.defaultFlags(), "and leaves them as they are");
    assertEquals(-1L, range.pfnFlagsMask());
  }

  @Test
  void R246_x16_snapshotOutsideOfVmasSucceeds() {
    HmmRange outside = it.registered(mirror, 62, 66);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeSnapshot(outside)));
    assertPfns(outside, 0, 0, HmmPfn.ERROR, HmmPfn.ERROR);
  }

  @Test
  void R247_errorsOfTheWalkComeThroughWithTheLockHeld() {
    HmmRange outside = it.registered(mirror, 62, 66).defaultFlags(REQ);
    assertEquals(Errno.EFAULT, bench.locked(() -> mirror.rangeFault(outside)));
    assertEquals(Errno.EFAULT, bench.locked(() -> mirror.rangeFaultAllowRetry(outside)));
    space.areas().clear();
    space.vma(0, 64, org.hmm4j.mm.VmFlags.READ);
    range.defaultFlags(REQ_RW);
    assertEquals(Errno.EPERM, bench.locked(() -> mirror.rangeFault(range)));
    assertEquals(Errno.EPERM, bench.locked(() -> mirror.rangeFaultAllowRetry(range)));
    space.handler = (vma, address, flags) -> VmFault.SIGBUS;
    range.defaultFlags(REQ);
    bench.tables.putPmd(bench.at(4), Pte.NONE);
    assertEquals(Errno.EFAULT, bench.locked(() -> mirror.rangeFaultAllowRetry(range)));
    assertTrue(range.valid());
  }

  @Test
  void R243_p12_i17_theLockHasToBeHeld() {
    space.bind(null); // which would notice too, but only later
    range.pfns()[0] = 7;
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.rangeFault(range));
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.rangeFaultAllowRetry(range));
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.rangeSnapshot(range));
    assertPfns(range, 7, 0);
  }

  @Test
  void R243_i18_notInAtomicContext() {
    bench.mm.mmapLock().readLock();
    bench.kernel.context().preemptDisable();
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> mirror.rangeFault(range));
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> mirror.rangeSnapshot(range));
    bench.kernel.context().preemptEnable();
    bench.mm.mmapLock().readUnlock();
  }

  @Test
  void R221_aRangeThatWasNeverRegisteredIsABug() {
    HmmRange stranger = bench.range(0, 1);
    bench.mm.mmapLock().readLock();
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeFault(stranger));
    assertBug(Rule.NOT_REGISTERED, () -> mirror.rangeSnapshot(stranger));
    bench.mm.mmapLock().readUnlock();
    assertBug(Rule.NOT_REGISTERED, stranger::valid);
    assertBug(Rule.NOT_REGISTERED, () -> stranger.waitUntilValid(1));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.REQ;
import static org.hmm4j.impl.range.Bench.V;
import static org.hmm4j.impl.range.Bench.assertBug;
import static org.hmm4j.impl.range.Bench.assertPfns;
import static org.hmm4j.impl.range.ScriptedAddressSpace.RW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the interval API demands of its caller, and that a refused call changes nothing. */
final class RangeFaultContractTest {

  private final Bench bench = new Bench();

  RangeFaultContractTest() {
    bench.space.vma(0, 64, RW);
  }

  @AfterEach
  void nothingWasTouched() {
    assertEquals(0, bench.space.faults.size());
    assertFalse(bench.mm.mmapLock().isHeld());
  }

  private HmmRange ready(HmmRange range) {
    MmuIntervalNotifier notifier = bench.everything();
    range.defaultFlags(REQ).notifier(notifier, notifier.readBegin());
    if (range.pfns().length > 0) {
      range.pfns()[0] = 0x77;
    }
    return range;
  }

  private void assertRefused(HmmRange range, String... named) {
    bench.mm.mmapLock().readLock();
    try {
      String message =
          assertThrows(IllegalArgumentException.class, () -> bench.hmm.rangeFault(range))
              .getMessage();
      for (String value : named) {
        assertTrue(message.contains(value), message);
      }
      assertTrue(bench.mm.mmapLock().isHeld());
      assertEquals(0x77, range.pfn(0));
      assertEquals(0, bench.tables.reads);
    } finally {
      bench.mm.mmapLock().readUnlock();
    }
  }

  @Test
  void R109_emptyAndReversedRangesAreEinval() {
    assertEquals(Errno.EINVAL, bench.fault(bench.range(3, 3)));
    assertEquals(Errno.EINVAL, bench.fault(bench.range(5, 3)));
    assertEquals(Errno.EINVAL, bench.fault(HmmRange.of(0x1001, 0x1000)));
    assertEquals(0, bench.tables.reads);
  }

  @Test
  void R110_unalignedEndsAreRefused() {
    assertRefused(ready(HmmRange.of(0x1800, 0x3000)), "0x1800", "0x3000");
    assertRefused(ready(HmmRange.of(0x1000, 0x2fff)), "0x1000", "0x2fff");
  }

  @Test
  void R110_anotherPageSizeIsRefused() {
    assertRefused(ready(HmmRange.of(0x10000, 0x20000, 16)), "16", "12");
    assertRefused(ready(HmmRange.of(0x1000, 0x2000, 11)), "11", "12");
  }

  @Test
  void R111_aRangeWithoutNotifierIsRefused() {
    HmmRange range = bench.range(3, 4);
    range.pfns()[0] = 0x77;
    assertRefused(range, "[0x3000, 0x4000)");
  }

  @Test
  void R111_aRangeThatItsNotifierDoesNotCoverIsRefused() {
    MmuIntervalNotifier narrow =
        bench.notifiers.intervalNotifier((subscription, range, seq) -> true);
    assertEquals(Errno.OK, narrow.insert(bench.mm, 0x2000, 0x2000));
    long seq = narrow.readBegin();
    assertRefused(ready(bench.range(1, 3)).notifier(narrow, seq), "0x1000", "0x2000", "0x3fff");
    assertRefused(ready(bench.range(3, 5)).notifier(narrow, seq), "0x5000", "0x3fff");
    HmmRange exact = bench.range(2, 4).notifier(narrow, seq);
    assertEquals(Errno.OK, bench.locked(() -> bench.hmm.rangeFault(exact)));
    narrow.remove();
  }

  @Test
  void R111_aNotifierUpToTheLastAddressCoversEverything() {
    MmuIntervalNotifier all = bench.notifiers.intervalNotifier((s, range, seq) -> true);
    assertEquals(Errno.OK, all.insert(bench.mm, 0, -1L));
    long beyond = bench.tables.geometry().taskSize();
    HmmRange range = HmmRange.of(beyond, beyond + 0x1000).notifier(all, all.readBegin());
    assertEquals(Errno.OK, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertPfns(range, HmmPfn.ERROR);
  }

  @Test
  void R105_i17_theMmapLockHasToBeHeldAlsoForNothing() {
    bench.space.bind(null); // which would notice too, but only later
    HmmRange range = ready(bench.range(3, 4));
    assertBug(Rule.LOCK_NOT_HELD, () -> bench.hmm.rangeFault(range));
    assertEquals(0x77, range.pfn(0));
    HmmRange empty = ready(bench.range(3, 3));
    assertBug(Rule.LOCK_NOT_HELD, () -> bench.hmm.rangeFault(empty));
  }

  @Test
  void R105_theMmapLockForWriteWillDo() {
    HmmRange range = ready(bench.range(3, 4)).defaultFlags(0);
    bench.mm.mmapLock().writeLock();
    assertEquals(Errno.OK, bench.hmm.rangeFault(range));
    assertTrue(bench.mm.mmapLock().isHeldWrite());
    bench.mm.mmapLock().writeUnlock();
  }

  @Test
  void R107_anMmWithoutUserIsABug() {
    HmmRange range = ready(bench.range(3, 4));
    bench.mm.mmput();
    bench.mm.mmapLock().readLock();
    assertBug(Rule.MM_GONE, () -> bench.hmm.rangeFault(range));
    bench.mm.mmapLock().readUnlock();
    assertEquals(0x77, range.pfn(0));
    assertEquals(0, bench.tables.reads);
    bench.everything().remove();
    assertEquals(1, bench.space.frees.get());
  }

  @Test
  void R111_aNotifierThatIsNotInsertedIsABug() {
    MmuIntervalNotifier out = bench.notifiers.intervalNotifier((s, range, seq) -> true);
    HmmRange range = ready(bench.range(3, 4)).notifier(out, 0);
    bench.mm.mmapLock().readLock();
    assertBug(Rule.NOT_REGISTERED, () -> bench.hmm.rangeFault(range));
    bench.mm.mmapLock().readUnlock();
    assertEquals(Errno.OK, out.insert(bench.mm, 0, 0x10000));
    out.remove();
    bench.mm.mmapLock().readLock();
    assertBug(Rule.NOT_REGISTERED, () -> bench.hmm.rangeFault(range));
    bench.mm.mmapLock().readUnlock();
  }

  @Test
  void R108_i18_notInAtomicContext() {
    HmmRange range = ready(bench.range(3, 4));
    bench.mm.mmapLock().readLock();
    bench.kernel.context().preemptDisable();
    assertBug(Rule.SLEEP_IN_ATOMIC, () -> bench.hmm.rangeFault(range));
    bench.kernel.context().preemptEnable();
    bench.mm.mmapLock().readUnlock();
    assertEquals(0x77, range.pfn(0));
  }

  @Test
  void theMmOfAnotherKernelIsRefused() {
    Bench other = new Bench();
    HmmRange range = bench.range(0, 1).notifier(other.everything(), 0);
    assertThrows(IllegalArgumentException.class, () -> bench.hmm.rangeFault(range));
  }

  @Test
  void R139_theDefaultGeometryHasOrders9And18() {
    Bench real = new Bench(PageTableGeometry.X86_64, KernelOptions.defaults());
    real.space.vma(0, 1L << 20, RW);
    real.tables.putPmd(512L << 12, Pte.present(0x200, Pte.HUGE));
    real.tables.putPud(1L << 30, Pte.present(0x40000, Pte.HUGE | Pte.DEVMAP));
    HmmRange range = real.range(1022, 1025);
    assertEquals(Errno.OK, real.fault(range));
    long order9 = 9L << HmmPfn.ORDER_SHIFT;
    assertPfns(range, V | order9 | 0x3fe, V | order9 | 0x3ff, 0);
    HmmRange huge = real.range(0x40005, 0x40006);
    assertEquals(Errno.OK, real.fault(huge));
    assertPfns(huge, V | 18L << HmmPfn.ORDER_SHIFT | 0x40005);
    assertEquals(18, HmmPfn.mapOrder(huge.pfn(0)));

    HmmRange block = real.range(2000, 2100).defaultFlags(REQ);
    assertEquals(Errno.OK, real.fault(block));
    assertEquals(Bench.faults(2000, 2100, "r"), real.faults());
  }
}

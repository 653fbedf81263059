// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.REQ;
import static org.hmm4j.impl.range.Bench.REQ_RW;
import static org.hmm4j.impl.range.Bench.V;
import static org.hmm4j.impl.range.Bench.VW;
import static org.hmm4j.impl.range.Bench.assertPfns;
import static org.hmm4j.impl.range.Bench.faults;
import static org.hmm4j.impl.range.ScriptedAddressSpace.RW;
import static org.hmm4j.impl.range.ScriptedAddressSpace.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop around the walk: faults, errors, collisions and where it begins again. */
final class FaultLoopTest {

  private final Bench bench = new Bench();
  private final ScriptedAddressSpace space = bench.space;
  private final ScriptedPageTables tables = bench.tables;

  @BeforeEach
  void oneVma() {
    space.vma(0, 64, RW);
  }

  private HmmRange perPage(long first, long end, long... requests) {
    HmmRange range = bench.range(first, end).pfnFlagsMask(-1L);
    System.arraycopy(requests, 0, range.pfns(), 0, requests.length);
    return range;
  }

  @Test
  void R126_pagesOfTheBlockThatNobodyAskedForAreFaultedTooWithWriteIfAnyAskedForIt() {
    HmmRange range = perPage(4, 8, 0, REQ, 0, REQ_RW);
    assertEquals(Errno.OK, bench.fault(range));
    assertEquals(faults(4, 8, "w"), bench.faults());
    assertPfns(
        range,
        frame(bench.at(4)) | VW,
        frame(bench.at(5)) | VW,
        frame(bench.at(6)) | VW,
        frame(bench.at(7)) | VW);
  }

  @Test
  void R126_aPageNobodyAskedForCanMakeTheBlockFail() {
    space.handler =
        (vma, address, flags) ->
            address == bench.at(7) ? VmFault.SIGBUS : space.map(vma, address, flags);
    assertEquals(Errno.EFAULT, bench.fault(perPage(4, 8, REQ)));
    assertEquals(faults(4, 8, "r"), bench.faults());
  }

  @Test
  void R124_i41_noWriteRightIsRefusedBeforeAnyFaultOfTheBlock() {
    space.areas().clear();
    space.vma(0, 8, RW).vma(8, 16, VmFlags.READ);
    HmmRange range = perPage(6, 12, REQ, 0, REQ, 0, 0, REQ_RW);
    assertEquals(Errno.EPERM, bench.fault(range));
    assertEquals(faults(6, 8, "r"), bench.faults(), "only the block before was faulted in");
    assertEquals(frame(bench.at(6)) | V, range.pfn(0));
  }

  @Test
  void R124_x02_writeToAReadOnlyVmaDoesNotLoop() {
    space.areas().clear();
    space.vma(0, 8, VmFlags.READ);
    tables.putPte(0, Pte.present(1, 0));
    assertEquals(Errno.EPERM, bench.fault(bench.range(0, 1).defaultFlags(REQ_RW)));
    assertEquals(List.of(), space.faults);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        VmFault.OOM,
        VmFault.SIGBUS,
        VmFault.SIGSEGV,
        VmFault.HWPOISON,
        VmFault.SIGBUS | VmFault.MAJOR
      })
  void R127_everyErrorBitIsEfaultAndEndsTheBlock(int bits) {
    space.handler =
        (vma, address, flags) -> address == bench.at(5) ? bits : space.map(vma, address, flags);
    assertEquals(Errno.EFAULT, bench.fault(bench.range(4, 8).defaultFlags(REQ)));
    assertEquals(faults(4, 6, "r"), bench.faults());
  }

  @Test
  void R127_aMajorFaultIsNoError() {
    space.handler = (vma, address, flags) -> space.map(vma, address, flags) | VmFault.MAJOR;
    assertEquals(Errno.OK, bench.fault(bench.range(4, 6).defaultFlags(REQ)));
  }

  @Test
  void R132_aPageMayNeedSeveralRoundsWithoutLimit() {
    int[] rounds = {0};
    space.handler = (vma, address, flags) -> ++rounds[0] < 500 ? 0 : space.map(vma, address, flags);
    HmmRange range = bench.range(4, 5).defaultFlags(REQ_RW);
    assertEquals(Errno.OK, bench.fault(range));
    assertEquals(500, space.faults.size());
    assertPfns(range, frame(bench.at(4)) | VW);
  }

  @Test
  void R129_ebusyIsAnsweredOnlyAtTheTopOfTheLoop() {
    tables.putPmd(0, Pte.NONE);
    int[] checks = {0};
    HmmRange range = bench.range(0, 24).defaultFlags(REQ);
    HookedNotifier hooked = new HookedNotifier(bench.everything(), () -> ++checks[0] == 3);
    range.notifier(hooked, 0);
    assertEquals(Errno.EBUSY, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertEquals(faults(0, 16, "r"), bench.faults(), "two blocks until the third look");
    assertEquals(3, checks[0]);
    assertEquals(frame(bench.at(7)) | V, range.pfn(7));
    assertEquals(0, range.pfn(8));
  }

  @Test
  void R129_ebusyBeforeTheFirstPassTouchesNothing() {
    HmmRange range = perPage(0, 3, REQ, 7, 9);
    range.notifier(new HookedNotifier(bench.everything(), () -> true), 0);
    assertEquals(Errno.EBUSY, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertPfns(range, REQ, 7, 9);
    assertEquals(0, tables.reads);
  }

  @Test
  void R130_aCollisionInTheLastPassIsNotSeenHere() {
    tables.putPte(0, Pte.present(1, 0));
    HmmRange range = bench.range(0, 1).defaultFlags(REQ);
    long seq = bench.everything().readBegin();
    range.notifier(bench.everything(), seq);
    tables.onPtes = address -> bench.notifiers.invalidateRangeStart(bench.change(0, 1));
    assertEquals(Errno.OK, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertTrue(bench.everything().readRetry(seq));
    bench.notifiers.invalidateRangeEnd(bench.change(0, 1));
  }

  @Test
  void R129_i48b_aCollisionDuringAFaultIsEbusyAndReadRetrySaysSoToo() {
    HmmRange range = bench.range(0, 1).defaultFlags(REQ);
    space.handler =
        (vma, address, flags) -> {
          bench.notifiers.invalidateRangeStart(bench.change(0, 1));
          bench.notifiers.invalidateRangeEnd(bench.change(0, 1));
          return space.map(vma, address, flags);
        };
    assertEquals(Errno.EBUSY, bench.fault(range));
    assertTrue(bench.everything().readRetry(range.notifierSeq()));
    assertEquals(1, space.faults.size());
  }

  @Test
  void R131_i28_p2020a_answersBeforeAMigratingPageAreNotTakenForRequests() {
    space.areas().clear();
    space.vma(0, 8, VmFlags.READ);
    tables.putPte(bench.at(0), Pte.present(0x11, 0));
    tables.putPte(bench.at(1), Pte.nonPresent(Pte.MIGRATION, 0x12));
    tables.onWait =
        address -> {
          tables.putPte(address, Pte.present(0x13, 0));
          tables.putPte(bench.at(0), Pte.NONE);
        };
    HmmRange range = perPage(0, 3, 0, REQ, 0);
    assertEquals(Errno.OK, bench.fault(range));
    assertPfns(range, 0x11 | V, 0x13 | V, 0);
    assertEquals(List.of(), space.faults);
    assertEquals(List.of(bench.at(1)), tables.waits);
  }

  @Test
  void R131_i28_theSameBeforeAMigratingPmdAndAFaultedBlock() {
    tables.putPte(bench.at(7), Pte.present(0x11, Pte.WRITE));
    tables.putPmd(bench.at(8), Pte.nonPresent(Pte.MIGRATION, 0x12));
    tables.onWait =
        address -> {
          tables.putPte(address, Pte.present(0x13, 0));
          tables.putPte(bench.at(7), Pte.NONE);
        };
    HmmRange range = perPage(7, 10, 0, 0, REQ);
    assertEquals(Errno.OK, bench.fault(range));
    assertPfns(range, 0x11 | VW, 0x13 | V, frame(bench.at(9)) | V);
    assertEquals(List.of("9:r"), bench.faults());
  }

  @Test
  void R131_x05_aRequestOfItsOwnSurvivesTheRestart() {
    int[] rounds = {0};
    space.handler = (vma, address, flags) -> ++rounds[0] < 4 ? 0 : space.map(vma, address, flags);
    HmmRange range = perPage(2, 3, REQ_RW);
    assertEquals(Errno.OK, bench.fault(range));
    assertPfns(range, frame(bench.at(2)) | VW);
  }

  @Test
  void R131_i28_atEachRestartTheArrayFromThereOnIsUntouched() {
    tables.putPte(bench.at(1), Pte.present(0x11, Pte.WRITE));
    tables.putPte(bench.at(3), Pte.nonPresent(Pte.MIGRATION, 1));
    tables.putPmd(bench.at(16), Pte.nonPresent(Pte.MIGRATION, 1));
    tables.onWait = address -> tables.putPte(address, Pte.present(0x12, Pte.WRITE));
    HmmRange range = bench.range(0, 24).pfnFlagsMask(-1L);
    for (int i = 0; i < 24; i++) {
      range.pfns()[i] = (i % 3 == 0 ? REQ : i % 3 == 1 ? 0 : REQ_RW) | 0x700 | i;
    }
    long[] inputs = range.pfns().clone();
    List<Long> restarts = new ArrayList<>();
    HookedNotifier hooked =
        new HookedNotifier(
            bench.everything(),
            () -> {
              long last = restartOf(inputs.length);
              restarts.add(last);
              for (int i = 0; i < inputs.length; i++) {
                assertEquals(i >= last, inputs[i] == range.pfn(i), "page " + i + " from " + last);
              }
              return false;
            });
    range.notifier(hooked, 0);
    assertEquals(Errno.OK, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertTrue(restarts.size() > 4, restarts.toString());
  }

  /** Where the walk has to begin again, from the last thing it did to the address space. */
  private long restartOf(int pages) {
    long page = 0;
    for (long wait : tables.waits) {
      page = Math.max(page, wait >>> 12);
    }
    List<ScriptedAddressSpace.Fault> faults = space.faults;
    int i = faults.size() - 1;
    // Faults of one block are consecutive; its first page is where it begins again.
    while (i > 0
        && faults.get(i).page() == faults.get(i - 1).page() + 0x1000
        && (faults.get(i).page() & 0x7000) != 0) {
      i--;
    }
    return i < 0 ? page : Math.max(page, Math.min(pages, faults.get(i).page() >>> 12));
  }

  @Test
  void R125_flagsAreRemoteAndWriteAndNothingElse() {
    bench.fault(bench.range(0, 1).defaultFlags(REQ));
    bench.fault(bench.range(1, 2).defaultFlags(REQ_RW));
    assertEquals(
        List.of(FaultFlags.REMOTE, FaultFlags.REMOTE | FaultFlags.WRITE),
        space.faults.stream().map(ScriptedAddressSpace.Fault::flags).toList());
  }

  @Test
  void R128_aHandlerThatThrowsLeavesTheLockToTheCaller() {
    space.handler =
        (vma, address, flags) -> {
          throw new IllegalStateException("disk on fire");
        };
    HmmRange range = bench.range(0, 1).defaultFlags(REQ);
    long seq = bench.everything().readBegin();
    range.notifier(bench.everything(), seq);
    bench.mm.mmapLock().readLock();
    assertThrows(IllegalStateException.class, () -> bench.hmm.rangeFault(range));
    assertTrue(bench.mm.mmapLock().isHeld());
    bench.mm.mmapLock().readUnlock();
    assertFalse(bench.everything().readRetry(seq));
  }

  @Test
  void R128_aHandlerThatDropsTheLockWithoutLeaveIsABug() {
    space.handler = (vma, address, flags) -> VmFault.RETRY;
    HmmRange range = bench.range(0, 1).defaultFlags(REQ);
    Bench.assertBug(Rule.BAD_CONTEXT, () -> bench.fault(range));
  }

  @Test
  void R106_theLockIsHeldOnEveryReturn() {
    space.vma(100, 101, VmFlags.READ);
    tables.putPte(bench.at(8), Pte.present(5, 0));
    Map<Errno, HmmRange> ranges =
        Map.of(
            Errno.OK, bench.range(0, 4).defaultFlags(REQ),
            Errno.EINVAL, bench.range(4, 4),
            Errno.EPERM, bench.range(100, 101).defaultFlags(REQ_RW),
            Errno.EFAULT, bench.range(70, 71).defaultFlags(REQ));
    ranges.forEach((errno, range) -> assertEquals(errno, bench.fault(range)));
    HmmRange collided = bench.range(8, 9);
    collided.notifier(new HookedNotifier(bench.everything(), () -> true), 0);
    assertEquals(Errno.EBUSY, bench.locked(() -> bench.hmm.rangeFault(collided)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.ERR;
import static org.hmm4j.impl.range.Bench.REQ;
import static org.hmm4j.impl.range.Bench.REQ_RW;
import static org.hmm4j.impl.range.Bench.V;
import static org.hmm4j.impl.range.Bench.VW;
import static org.hmm4j.impl.range.Bench.assertPfns;
import static org.hmm4j.impl.range.Bench.faults;
import static org.hmm4j.impl.range.ScriptedAddressSpace.RW;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.hmm4j.impl.range.Bench.Pass;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows 1 to 11 of the branch table: everything above the leaf tables. One pass at a time. */
final class WalkRowsUpperTest {

  private static final long HUGE = Pte.HUGE;
  private static final long ORDER_3 = 3L << HmmPfn.ORDER_SHIFT;
  private static final long ORDER_6 = 6L << HmmPfn.ORDER_SHIFT;

  private final Bench bench = new Bench();
  private final ScriptedAddressSpace space = bench.space;
  private final ScriptedPageTables tables = bench.tables;

  @BeforeEach
  void faultsOnlyRecorded() {
    space.handler = (vma, address, flags) -> 0;
  }

  /** A range that lets one page of its own ask, and has a sentinel in every entry. */
  private HmmRange asking(long first, long end, long page, long request) {
    HmmRange range = bench.range(first, end).pfnFlagsMask(-1L);
    for (int i = 0; i < range.pfns().length; i++) {
      range.pfns()[i] = 0x77;
    }
    range.pfns()[(int) (page - first)] = request | 0x77;
    return range;
  }

  private void assertPass(Errno errno, long last, HmmRange range) {
    assertEquals(new Pass(errno, last), bench.pass(range));
  }

  @Test
  void R133_row1_holesWithoutVmaAreErrorsInASnapshot() {
    space.vma(2, 3, RW).vma(5, 6, RW);
    HmmRange range = bench.range(0, 8);
    assertPass(Errno.OK, 0, range);
    assertPfns(range, ERR, ERR, 0, ERR, ERR, 0, ERR, ERR);
  }

  @Test
  void R133_row1_aHoleUpToTheNextVmaIsOneBlockAcrossTables() {
    space.vma(100, 101, RW);
    HmmRange range = asking(0, 101, 99, REQ);
    assertPass(Errno.EFAULT, 0, range);
    assertEquals(0x77, range.pfn(0), "nothing of the block was filled");
    assertEquals(List.of(), space.faults);
  }

  @Test
  void R133_row1_aHoleAfterTheLastVmaEndsWithTheRange() {
    space.vma(0, 2, RW);
    HmmRange range = asking(1, 40, 39, REQ);
    assertPass(Errno.EFAULT, 1, range);
    assertEquals(0, range.pfn(0), "the VMA before was answered");
    assertEquals(0x77, range.pfn(1));
    assertEquals(0x77, range.pfn(37));
  }

  @Test
  void R133_row1_aRequestInTheVmaIsNotOneForTheHole() {
    space.vma(2, 3, RW);
    HmmRange range = asking(0, 3, 2, REQ);
    assertPass(Errno.EBUSY, 2, range);
    assertPfns(range, ERR, ERR, REQ | 0x77);
  }

  @ParameterizedTest
  @ValueSource(longs = {RW | VmFlags.IO, RW | VmFlags.PFNMAP, 0, VmFlags.WRITE, VmFlags.EXEC})
  void R134_row2_inaccessibleVmaIsSkippedBeforeAnyTableIsRead(long flags) {
    space.vma(0, 20, flags).vma(20, 22, RW);
    tables.putPte(bench.at(3), Pte.present(3, 0)).putPte(bench.at(20), Pte.present(4, 0));
    HmmRange range = bench.range(18, 22);
    assertPass(Errno.OK, 18, range);
    assertPfns(range, ERR, ERR, 4 | V, 0);

    tables.reads = 0;
    HmmRange inside = bench.range(2, 5);
    assertPass(Errno.OK, 2, inside);
    assertPfns(inside, ERR, ERR, ERR);
    assertEquals(0, tables.reads);

    HmmRange requested = asking(2, 20, 19, REQ);
    assertPass(Errno.EFAULT, 2, requested);
    assertEquals(0x77, requested.pfn(0));
    assertEquals(0, tables.reads);
    assertEquals(List.of(), space.faults);
  }

  @Test
  void R134_row2_mixedMapIsWalked() {
    space.vma(0, 2, RW | VmFlags.MIXEDMAP);
    tables.putPte(bench.at(1), Pte.present(9, Pte.WRITE));
    HmmRange range = bench.range(0, 2);
    assertPass(Errno.OK, 0, range);
    assertPfns(range, 0, 9 | VW);
  }

  @Test
  void R135_row3_emptyPmdIsNothing() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.NONE);
    HmmRange range = asking(6, 20, 6, 0);
    assertPass(Errno.OK, 6, range);
    assertPfns(range, new long[14]);
  }

  @Test
  void R135_row3_faultsTheBlockBetweenTheTableBorders() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(0), Pte.NONE);
    HmmRange range = asking(6, 20, 15, REQ);
    assertPass(Errno.EBUSY, 8, range);
    assertEquals(faults(8, 16, "r"), bench.faults());
    assertEquals(0, range.pfn(1), "the block before was answered");
    assertEquals(0x77, range.pfn(2), "the block itself keeps its requests");
    assertEquals(REQ | 0x77, range.pfn(9));
    assertEquals(0x77, range.pfn(10));
  }

  @Test
  void R136_row3_theBlockEndsWithRangeAndVma() {
    space.vma(10, 14, RW).vma(14, 30, RW);
    tables.putPmd(bench.at(8), Pte.NONE).putPmd(bench.at(16), Pte.NONE);
    assertPass(Errno.EBUSY, 10, asking(8, 30, 12, REQ));
    assertEquals(faults(10, 14, "r"), bench.faults());
    space.faults.clear();
    assertPass(Errno.EBUSY, 17, asking(17, 21, 17, REQ_RW));
    assertEquals(faults(17, 21, "w"), bench.faults());
  }

  @Test
  void R136_row3_withoutATableAtTheTopTheBlockIsAsLargeAsThatTable() {
    space.vma(0, 4096, RW);
    assertPass(Errno.EBUSY, 512, asking(500, 1100, 700, REQ));
    assertEquals(faults(512, 1024, "r"), bench.faults());
  }

  @Test
  void R137_row4_pmdMigration() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.nonPresent(Pte.MIGRATION, 5));
    HmmRange snapshot = bench.range(7, 17);
    snapshot.pfns()[2] = 0x55;
    assertPass(Errno.OK, 7, snapshot);
    assertPfns(snapshot, new long[10]);
    assertEquals(List.of(), tables.waits);

    HmmRange range = asking(7, 17, 14, REQ);
    assertPass(Errno.EBUSY, 8, range);
    assertEquals(List.of(bench.at(8)), tables.waits);
    assertEquals(List.of(), space.faults);
    assertEquals(0x77, range.pfn(1));
  }

  @Test
  void R137_x07_pmdMigrationInASnapshotIsAnswered() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.nonPresent(Pte.MIGRATION, 5));
    HmmRange range = asking(8, 16, 8, 0);
    assertEquals(Errno.OK, bench.fault(range));
    assertPfns(range, new long[8]);
  }

  @Test
  void R138_row5_otherNonPresentPmd() {
    space.vma(0, 64, RW);
    for (long kind :
        new long[] {Pte.SWAP, Pte.HWPOISON, Pte.DEVICE_PRIVATE, Pte.DEVICE_EXCLUSIVE, Pte.MARKER}) {
      assertErrorPmd(Pte.nonPresent(kind, 5));
    }
  }

  @Test
  void R141_row7_badPmd() {
    space.vma(0, 64, RW);
    assertErrorPmd(Pte.nonPresent(Pte.BAD, 5));
  }

  private void assertErrorPmd(long entry) {
    tables.putPmd(bench.at(8), entry);
    HmmRange snapshot = bench.range(7, 10);
    assertPass(Errno.OK, 7, snapshot);
    assertPfns(snapshot, 0, ERR, ERR);
    HmmRange range = asking(7, 17, 15, REQ);
    assertPass(Errno.EFAULT, 7, range);
    assertEquals(0x77, range.pfn(1));
    assertEquals(List.of(), space.faults);
    assertEquals(List.of(), tables.waits);
  }

  @ParameterizedTest
  @ValueSource(longs = {HUGE, Pte.DEVMAP, HUGE | Pte.DEVMAP})
  void R139_row6_hugePmdIsAnsweredPageByPage(long kind) {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.present(0x100, kind));
    HmmRange range = asking(11, 16, 12, REQ);
    assertPass(Errno.OK, 11, range);
    long first = V | ORDER_3 | 0x103;
    assertPfns(range, first, first + 1, first + 2, first + 3, first + 4);

    tables.putPmd(bench.at(8), Pte.present(0x100, kind | Pte.WRITE));
    HmmRange writable = bench.range(14, 18);
    assertPass(Errno.OK, 14, writable);
    assertPfns(writable, VW | ORDER_3 | 0x106, VW | ORDER_3 | 0x107, 0, 0);
  }

  @Test
  void R139_row6_aWriteToAReadOnlyHugePmdFaultsTheWholeBlock() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.present(0x100, HUGE));
    HmmRange range = asking(10, 20, 15, REQ_RW);
    assertPass(Errno.EBUSY, 10, range);
    assertEquals(faults(10, 16, "w"), bench.faults());
    assertEquals(0x77, range.pfn(0));
  }

  @Test
  void R140_row6_protnoneHugePmdCarriesAPfnButIsNotValid() {
    space.vma(0, 64, RW);
    tables.putPmd(bench.at(8), Pte.present(0x100, HUGE | Pte.WRITE | Pte.PROTNONE));
    HmmRange range = asking(8, 10, 8, 0);
    assertPass(Errno.OK, 8, range);
    assertPfns(range, 0x100, 0x101);
    HmmRange requested = asking(8, 10, 9, REQ);
    assertPass(Errno.EBUSY, 8, requested);
    assertEquals(faults(8, 10, "r"), bench.faults());
  }

  @Test
  void R142_row8_emptyPudIsNothing() {
    space.vma(0, 512, RW);
    tables.putPud(bench.at(64), Pte.NONE);
    HmmRange snapshot = asking(60, 130, 60, 0);
    assertPass(Errno.OK, 60, snapshot);
    assertPfns(snapshot, new long[70]);
    HmmRange range = asking(60, 130, 127, REQ_RW);
    assertPass(Errno.EBUSY, 64, range);
    assertEquals(faults(64, 128, "w"), bench.faults());
  }

  @Test
  void R142_row9_nonPresentPudIsAHole() {
    space.vma(0, 512, RW);
    tables.putPud(bench.at(64), Pte.nonPresent(Pte.MIGRATION, 3));
    HmmRange snapshot = asking(64, 70, 64, 0);
    assertPass(Errno.OK, 64, snapshot);
    assertPfns(snapshot, new long[6]);
    assertPass(Errno.EBUSY, 64, asking(64, 70, 69, REQ));
    assertEquals(faults(64, 70, "r"), bench.faults());
    assertEquals(List.of(), tables.waits);
  }

  @Test
  void R143_row10_hugeDevmapPud() {
    space.vma(0, 512, RW);
    tables.putPud(bench.at(64), Pte.present(0x1000, HUGE | Pte.DEVMAP));
    HmmRange range = asking(126, 129, 127, REQ);
    assertPass(Errno.OK, 126, range);
    assertPfns(range, V | ORDER_6 | 0x103e, V | ORDER_6 | 0x103f, 0);
    assertEquals(List.of(), tables.splits);
    assertPass(Errno.EBUSY, 100, asking(100, 140, 127, REQ_RW));
    assertEquals(faults(100, 128, "w"), bench.faults());
  }

  @Test
  void R144_row11_hugePudOfMemoryIsSplitAndItsPmdsAreWalked() {
    space.vma(0, 512, RW);
    tables.putPud(bench.at(64), Pte.present(0x1000, HUGE | Pte.WRITE));
    tables.onSplit =
        address -> {
          tables.putPmd(bench.at(64), Pte.present(0x1000, HUGE | Pte.WRITE));
          tables.putPmd(bench.at(72), Pte.NONE);
        };
    HmmRange range = asking(70, 74, 70, REQ_RW);
    assertPass(Errno.OK, 70, range);
    assertEquals(List.of(bench.at(70)), tables.splits);
    assertPfns(range, VW | ORDER_3 | 0x1006, VW | ORDER_3 | 0x1007, 0, 0);
  }

  @Test
  void R144_row11_aPudThatIsEmptyAfterTheSplitIsAHole() {
    space.vma(0, 512, RW);
    tables.putPud(bench.at(64), Pte.present(0x1000, HUGE));
    tables.onSplit = address -> tables.putPud(address, Pte.NONE);
    HmmRange range = asking(70, 74, 70, 0);
    assertPass(Errno.OK, 70, range);
    assertPfns(range, 0, 0, 0, 0);
  }

  @Test
  void R159_tableVanishingAfterItsPmdWasReadMakesTheWalkLookAgain() {
    space.vma(0, 64, RW);
    tables.putPte(bench.at(8), Pte.present(1, 0));
    tables.onPtes =
        address -> {
          tables.dropLeaf(address);
          tables.putPmd(address, Pte.present(0x200, HUGE));
          tables.onPtes = again -> {};
        };
    HmmRange range = asking(9, 11, 9, REQ);
    assertPass(Errno.OK, 9, range);
    assertPfns(range, V | ORDER_3 | 0x201, V | ORDER_3 | 0x202);
  }
}

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
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows 14 to 24 of the branch table: the leaf tables. Page 3 is the one looked at, between a
 * readable page 2 and a writable page 4; the table ends at page 8.
 */
final class WalkRowsLeafTest {

  private static final Object US = "us";
  private static final Object THEM = "them";

  private final Bench bench = new Bench();
  private final ScriptedPageTables tables = bench.tables;

  @BeforeEach
  void neighbours() {
    bench.space.vma(0, 64, RW);
    bench.space.handler = (vma, address, flags) -> 0;
    tables
        .putPte(bench.at(2), Pte.present(0x22, 0))
        .putPte(bench.at(4), Pte.present(0x44, Pte.WRITE));
  }

  private HmmRange asking(long request) {
    HmmRange range = bench.range(2, 6).pfnFlagsMask(-1L).devPrivateOwner(US);
    range.pfns()[0] = 0x70;
    range.pfns()[1] = request | 0x71;
    range.pfns()[2] = 0x72;
    range.pfns()[3] = 0x73;
    return range;
  }

  private void assertAnswer(long entry, long request, long answer) {
    tables.putPte(bench.at(3), entry);
    HmmRange range = asking(request);
    assertEquals(new Pass(Errno.OK, 2), bench.pass(range));
    assertPfns(range, 0x22 | V, answer, 0x44 | VW, 0);
    assertEquals(List.of(), bench.faults());
    assertEquals(List.of(), tables.waits);
  }

  /** The rest of the block is faulted in, pages included that nobody asked for. */
  private void assertFaulted(long entry, long request, String kind) {
    tables.putPte(bench.at(3), entry);
    HmmRange range = asking(request);
    bench.space.faults.clear();
    assertEquals(new Pass(Errno.EBUSY, 3), bench.pass(range));
    assertPfns(range, 0x22 | V, request | 0x71, 0x72, 0x73);
    assertEquals(faults(3, 6, kind), bench.faults());
    assertEquals(List.of(), tables.waits);
    bench.space.faults.clear();
  }

  private void assertError(long entry, long request) {
    tables.putPte(bench.at(3), entry);
    HmmRange range = asking(request);
    assertEquals(new Pass(Errno.EFAULT, 2), bench.pass(range));
    assertPfns(range, 0x22 | V, request | 0x71, 0x72, 0x73);
    assertEquals(List.of(), bench.faults());
    assertEquals(List.of(), tables.waits);
  }

  /** Rows that answer 0, and that a fault may help. */
  private void assertAbsent(long entry) {
    assertAnswer(entry, 0, 0);
    assertAnswer(entry, Bench.VW & ~Bench.V, 0);
    assertFaulted(entry, REQ, "r");
    assertFaulted(entry, REQ_RW, "w");
  }

  @Test
  void R148_row14_empty() {
    assertAbsent(Pte.NONE);
  }

  @Test
  void R148_row14_marker() {
    assertAbsent(Pte.nonPresent(Pte.MARKER, 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, REQ, REQ_RW})
  void R149_row15_ownDevicePrivateIsReportedAndNeverFaulted(long request) {
    tables.own(0x99, US);
    assertAnswer(Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x99), request, 0x99 | V);
    assertAnswer(Pte.nonPresent(Pte.DEVICE_PRIVATE | Pte.WRITE, 0x99), request, 0x99 | VW);
  }

  @Test
  void R150_row16_x13_foreignDevicePrivateIsFaulted() {
    tables.own(0x99, THEM);
    assertAbsent(Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x99));
    assertAbsent(Pte.nonPresent(Pte.DEVICE_PRIVATE | Pte.WRITE, 0x99));
    tables.own(0x99, new String("us"));
    assertAbsent(Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x99));
  }

  @Test
  void R150_row16_noOwnerOwnsNothing() {
    tables.putPte(bench.at(3), Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x98));
    HmmRange range = asking(0).devPrivateOwner(null);
    assertEquals(new Pass(Errno.OK, 2), bench.pass(range));
    assertEquals(0, range.pfn(1));
    assertEquals(new Pass(Errno.EBUSY, 3), bench.pass(asking(REQ).devPrivateOwner(null)));
  }

  @Test
  void R151_row17_swap() {
    assertAbsent(Pte.nonPresent(Pte.SWAP, 0x5));
  }

  @Test
  void R152_row18_deviceExclusive() {
    assertAbsent(Pte.nonPresent(Pte.DEVICE_EXCLUSIVE, 0x5));
    assertAbsent(Pte.nonPresent(Pte.DEVICE_EXCLUSIVE | Pte.WRITE, 0x5));
  }

  @ParameterizedTest
  @ValueSource(longs = {REQ, REQ_RW})
  void R153_row19_migration(long request) {
    long entry = Pte.nonPresent(Pte.MIGRATION | Pte.WRITE, 0x5);
    assertAnswer(entry, 0, 0);
    HmmRange range = asking(request);
    assertEquals(new Pass(Errno.EBUSY, 3), bench.pass(range));
    assertPfns(range, 0x22 | V, request | 0x71, 0x72, 0x73);
    assertEquals(List.of(bench.at(3)), tables.waits);
    assertEquals(List.of(), bench.faults());
  }

  @ParameterizedTest
  @ValueSource(longs = {Pte.HWPOISON, Pte.BAD})
  void R154_row20_otherSpecialEntriesAreNothingOrAnError(long kind) {
    assertAnswer(Pte.nonPresent(kind, 5), 0, 0);
    assertError(Pte.nonPresent(kind, 5), REQ);
    assertError(Pte.nonPresent(kind, 5), REQ_RW);
  }

  @Test
  void R155_row21_present() {
    long readable = Pte.present(0x33, 0);
    long writable = Pte.present(0x33, Pte.WRITE);
    assertAnswer(readable, 0, 0x33 | V);
    assertAnswer(readable, REQ, 0x33 | V);
    assertFaulted(readable, REQ_RW, "w");
    for (long request : new long[] {0, REQ, REQ_RW, VW & ~V}) {
      assertAnswer(writable, request, 0x33 | VW);
    }
  }

  @Test
  void R156_row21_p04_protnoneCarriesAPfnButIsNotValidAndIsFaultedOnRequest() {
    long entry = Pte.present(0x33, Pte.WRITE | Pte.PROTNONE);
    assertAnswer(entry, 0, 0x33);
    assertFaulted(entry, REQ, "r");
    assertFaulted(entry, REQ_RW, "w");
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        Pte.DIRTY,
        Pte.DEVMAP,
        Pte.ZERO,
        Pte.DEVMAP | Pte.SPECIAL,
        Pte.ZERO | Pte.SPECIAL,
        Pte.DIRTY | Pte.DEVMAP | Pte.ZERO
      })
  void R155_row22_devmapAndZeroPagesAreNormal(long flags) {
    assertAnswer(Pte.present(0x33, flags), 0, 0x33 | V);
    assertAnswer(Pte.present(0x33, flags), REQ, 0x33 | V);
    assertAnswer(Pte.present(0x33, flags | Pte.WRITE), REQ_RW, 0x33 | VW);
    assertFaulted(Pte.present(0x33, flags), REQ_RW, "w");
  }

  @Test
  void R157_row23_specialIsAnErrorWhenRequested() {
    assertError(Pte.present(0x33, Pte.SPECIAL), REQ);
    assertError(Pte.present(0x33, Pte.SPECIAL | Pte.WRITE), REQ);
    assertError(Pte.present(0x33, Pte.SPECIAL | Pte.WRITE), REQ_RW);
  }

  @Test
  void R157_row23_specialThatWouldHaveToBecomeWritableIsFaultedFirst() {
    assertFaulted(Pte.present(0x33, Pte.SPECIAL), REQ_RW, "w");
    assertFaulted(Pte.present(0x33, Pte.SPECIAL | Pte.PROTNONE), REQ, "r");
  }

  @Test
  void R157_row24_specialIsAnErrorEntryOtherwise() {
    assertAnswer(Pte.present(0x33, Pte.SPECIAL), 0, ERR);
    assertAnswer(Pte.present(0x33, Pte.SPECIAL | Pte.WRITE), 0, ERR);
    assertAnswer(Pte.present(0x33, Pte.SPECIAL | Pte.PROTNONE), 0, ERR);
  }

  @Test
  void R136_theFaultedBlockEndsWithItsTable() {
    tables.putPte(bench.at(8), Pte.present(0x88, 0));
    HmmRange range = bench.range(2, 12).pfnFlagsMask(-1L);
    range.pfns()[4] = REQ;
    range.pfns()[7] = REQ_RW;
    assertEquals(new Pass(Errno.EBUSY, 6), bench.pass(range));
    assertEquals(faults(6, 8, "r"), bench.faults(), "the write in the next table is not mixed in");
  }

  @Test
  void R158_theDecisionIsThatOfTheOnePageThatStopsTheLeafWalk() {
    HmmRange range = bench.range(2, 8).pfnFlagsMask(-1L);
    range.pfns()[3] = REQ;
    range.pfns()[4] = REQ_RW;
    assertEquals(new Pass(Errno.EBUSY, 5), bench.pass(range));
    assertEquals(faults(5, 8, "r"), bench.faults());
  }
}

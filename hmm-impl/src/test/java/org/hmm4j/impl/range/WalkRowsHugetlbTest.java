// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

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

/** Rows 12 and 13 of the branch table: hugetlb mappings, here of four pages each. */
final class WalkRowsHugetlbTest {

  private static final long ORDER_2 = 2L << HmmPfn.ORDER_SHIFT;

  private final Bench bench = new Bench();
  private final ScriptedPageTables tables = bench.tables;

  @BeforeEach
  void twoHugePagesAndAnEmptyOne() {
    tables.hugetlbShift = 14;
    bench.space.vma(0, 16, RW | VmFlags.HUGETLB).vma(16, 24, RW);
    bench.space.handler = (vma, address, flags) -> 0;
    tables
        .putHuge(bench.at(0), Pte.present(0x400, Pte.HUGE))
        .putHuge(bench.at(4), Pte.present(0x800, Pte.HUGE | Pte.WRITE))
        .putHuge(bench.at(12), Pte.NO_TABLE);
  }

  private HmmRange asking(long first, long end, long page, long request) {
    HmmRange range = bench.range(first, end).pfnFlagsMask(-1L);
    range.pfns()[(int) (page - first)] = request;
    return range;
  }

  @Test
  void R145_row12_presentEntriesCarryTheirOrder() {
    HmmRange range = bench.range(2, 6);
    assertEquals(new Pass(Errno.OK, 2), bench.pass(range));
    assertPfns(
        range,
        V | ORDER_2 | 0x402,
        V | ORDER_2 | 0x403,
        VW | ORDER_2 | 0x800,
        VW | ORDER_2 | 0x801);
  }

  @Test
  void R146_row12_onlyTheFirstPageOfTheBlockIsAsked() {
    HmmRange ignored = asking(0, 4, 1, REQ_RW);
    assertEquals(new Pass(Errno.OK, 0), bench.pass(ignored));
    assertPfns(
        ignored,
        V | ORDER_2 | 0x400,
        V | ORDER_2 | 0x401,
        V | ORDER_2 | 0x402,
        V | ORDER_2 | 0x403);
    assertEquals(List.of(), bench.faults());

    HmmRange heard = asking(1, 6, 1, REQ_RW);
    assertEquals(new Pass(Errno.EBUSY, 1), bench.pass(heard));
    assertEquals(faults(1, 4, "w"), bench.faults());
  }

  @ParameterizedTest
  @ValueSource(longs = {Pte.SWAP, Pte.MIGRATION, Pte.HWPOISON})
  void R145_row12_nonPresentHasOrderButIsNotValid(long kind) {
    tables.putHuge(bench.at(8), Pte.nonPresent(kind, 0));
    HmmRange range = bench.range(8, 10);
    assertEquals(new Pass(Errno.OK, 8), bench.pass(range));
    assertPfns(range, ORDER_2, ORDER_2 | 1);
    assertEquals(new Pass(Errno.EBUSY, 8), bench.pass(asking(8, 10, 8, REQ)));
    assertEquals(faults(8, 10, "r"), bench.faults());
    assertEquals(List.of(), tables.waits);
  }

  @Test
  void R145_row12_emptyEntryHasOrderButIsNotValid() {
    HmmRange range = asking(8, 10, 9, REQ);
    assertEquals(new Pass(Errno.OK, 8), bench.pass(range));
    assertPfns(range, ORDER_2, ORDER_2 | 1);
    assertEquals(new Pass(Errno.EBUSY, 9), bench.pass(asking(9, 12, 9, REQ)));
    assertEquals(faults(9, 12, "r"), bench.faults());
  }

  @Test
  void R145_row12_protnoneKeepsItsPfnButIsNotValid() {
    tables.putHuge(bench.at(8), Pte.present(0xc00, Pte.HUGE | Pte.WRITE | Pte.PROTNONE));
    HmmRange range = bench.range(10, 12);
    assertEquals(new Pass(Errno.OK, 10), bench.pass(range));
    assertPfns(range, ORDER_2 | 0xc02, ORDER_2 | 0xc03);
    assertEquals(new Pass(Errno.EBUSY, 8), bench.pass(asking(8, 12, 8, REQ)));
  }

  @Test
  void R147_row13_withoutATableItIsAHoleOfWhichEveryPageIsAsked() {
    HmmRange range = bench.range(11, 17);
    assertEquals(new Pass(Errno.OK, 11), bench.pass(range));
    assertPfns(range, ORDER_2 | 3, 0, 0, 0, 0, 0);
    assertEquals(new Pass(Errno.EBUSY, 12), bench.pass(asking(11, 17, 15, REQ_RW)));
    assertEquals(faults(12, 16, "w"), bench.faults());
  }

  @Test
  void R146_row12_noWriteRightIsRefusedBeforeAnyFault() {
    bench.space.areas().clear();
    bench.space.vma(0, 16, VmFlags.READ | VmFlags.HUGETLB);
    assertEquals(new Pass(Errno.EPERM, 0), bench.pass(asking(0, 4, 0, REQ_RW)));
    assertEquals(List.of(), bench.faults());
  }

  @Test
  void R146_row12_faultedInByTheWholeCall() {
    bench.space.handler =
        (vma, address, flags) -> {
          tables.putHuge(address, Pte.present(0xa00, Pte.HUGE | Pte.WRITE));
          return 0;
        };
    HmmRange range = asking(8, 12, 8, REQ_RW);
    assertEquals(Errno.OK, bench.fault(range));
    assertPfns(
        range,
        VW | ORDER_2 | 0xa00,
        VW | ORDER_2 | 0xa01,
        VW | ORDER_2 | 0xa02,
        VW | ORDER_2 | 0xa03);
    assertEquals(faults(8, 12, "w"), bench.faults());
  }
}

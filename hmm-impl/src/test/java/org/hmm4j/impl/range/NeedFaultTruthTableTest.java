// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.ScriptedAddressSpace.RW;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;

/** Truth table 6.3, all of it: what default flags, mask and page ask against what the CPU has. */
final class NeedFaultTruthTableTest {

  private static final long F = HmmPfn.REQ_FAULT;
  private static final long W = HmmPfn.REQ_WRITE;
  private static final long[] REQUESTS = {0, F, W, F | W};
  private static final long[] MASKS = {0, F, W, F | W, -1L, ~F, ~W};
  private static final long[] CPU = {0, HmmPfn.VALID, HmmPfn.VALID | HmmPfn.WRITE};

  private interface Case {
    void check(long defaults, long mask, long page, long cpu, String expected);
  }

  private static void forAll(Case check) {
    for (long defaults : REQUESTS) {
      for (long mask : MASKS) {
        for (long page : REQUESTS) {
          boolean fault = (defaults & F) != 0 || ((page & F) != 0 && (mask & F) != 0);
          boolean write = (defaults & W) != 0 || ((page & W) != 0 && (mask & W) != 0);
          for (long cpu : CPU) {
            check.check(defaults, mask, page, cpu, table(fault, write, cpu));
          }
        }
      }
    }
  }

  /** The six rows, as they stand in the specification. */
  private static String table(boolean fault, boolean write, long cpu) {
    boolean valid = cpu != 0;
    boolean writable = (cpu & HmmPfn.WRITE) != 0;
    if (!fault) {
      return "none";
    } else if (!write) {
      return valid ? "none" : "read";
    } else {
      return writable ? "none" : "write";
    }
  }

  private static int number(String expected) {
    return switch (expected) {
      case "none" -> NeedFault.NONE;
      case "read" -> NeedFault.FAULT;
      default -> NeedFault.FAULT | NeedFault.WRITE_FAULT;
    };
  }

  @Test
  void R121_R122_onePage() {
    HmmRange range = HmmRange.of(0, 0x1000);
    forAll(
        (defaults, mask, page, cpu, expected) -> {
          range.defaultFlags(defaults).pfnFlagsMask(mask).pfns()[0] = page | 0x123;
          String about = "%x %x %x %x".formatted(defaults, mask, page, cpu);
          assertEquals(number(expected), Requests.of(range).need(0, cpu), about);
          assertEquals(number(expected), Requests.of(range).need(0, 0x1000, cpu), about);
          assertEquals(NeedFault.NONE, Requests.none(range).need(0, cpu), about);
        });
  }

  @Test
  void R122_onePageThroughTheWholeWalk() {
    Bench bench = new Bench();
    bench.space.vma(0, 8, RW);
    forAll(
        (defaults, mask, page, cpu, expected) -> {
          long before = cpu == 0 ? Pte.NONE : Pte.present(5, cpu & HmmPfn.WRITE);
          bench.tables.putPte(0, before);
          bench.space.faults.clear();
          HmmRange range = bench.range(0, 1).defaultFlags(defaults).pfnFlagsMask(mask);
          range.pfns()[0] = page | 0x123;
          String about = "%x %x %x %x".formatted(defaults, mask, page, cpu);
          assertEquals(Errno.OK, bench.fault(range), about);
          List<String> faults =
              expected.equals("none") ? List.of() : List.of("0:" + expected.charAt(0));
          assertEquals(faults, bench.faults(), about);
          long pfn = ScriptedAddressSpace.frame(0) | HmmPfn.VALID;
          long answer =
              switch (expected) {
                case "none" -> cpu == 0 ? 0 : 5 | cpu;
                case "read" -> pfn;
                default -> pfn | HmmPfn.WRITE;
              };
          assertEquals(Long.toHexString(answer), Long.toHexString(range.pfn(0)), about);
        });
  }

  @Test
  void R123_blocksAreOredOverTheirPages() {
    HmmRange range = HmmRange.of(0, 0x3000).pfnFlagsMask(F | W);
    for (long first : REQUESTS) {
      for (long second : REQUESTS) {
        for (long third : REQUESTS) {
          for (long cpu : CPU) {
            long[] pages = {first, second, third};
            System.arraycopy(pages, 0, range.pfns(), 0, 3);
            int expected = 0;
            for (long page : pages) {
              expected |= number(table((page & F) != 0, (page & W) != 0, cpu));
            }
            assertEquals(expected, Requests.of(range).need(0, 0x3000, cpu));
          }
        }
      }
    }
  }

  @Test
  void R123_aBlockLooksOnlyAtItsOwnPages() {
    HmmRange range = HmmRange.of(0, 0x4000).pfnFlagsMask(F | W);
    range.pfns()[0] = F;
    range.pfns()[3] = F | W;
    assertEquals(NeedFault.NONE, Requests.of(range).need(0x1000, 0x3000, 0));
    assertEquals(NeedFault.FAULT, Requests.of(range).need(0, 0x3000, 0));
    assertEquals(NeedFault.ALL, Requests.of(range).need(0x3000, 0x4000, 0));
  }
}

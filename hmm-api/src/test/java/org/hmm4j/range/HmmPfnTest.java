// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** The pfn format: bits as in include/linux/hmm.h of Linux 6.1. */
final class HmmPfnTest {

  private static final long MAX_PFN = (1L << 56) - 1;

  @Test
  void R102_p2020b_bitsAreThoseOfTheKernel() {
    assertEquals(0x8000_0000_0000_0000L, HmmPfn.VALID);
    assertEquals(0x4000_0000_0000_0000L, HmmPfn.WRITE);
    assertEquals(0x2000_0000_0000_0000L, HmmPfn.ERROR);
    assertEquals(HmmPfn.VALID, HmmPfn.REQ_FAULT);
    assertEquals(HmmPfn.WRITE, HmmPfn.REQ_WRITE);
    assertEquals(56, HmmPfn.ORDER_SHIFT);
    assertEquals(MAX_PFN, HmmPfn.PFN_MASK);
  }

  @Property
  void R103_i31_decodingIsTheInverseOfEncoding(
      @ForAll @LongRange(max = MAX_PFN) long pfn,
      @ForAll @IntRange(max = 31) int order,
      @ForAll boolean write) {
    long entry =
        HmmPfn.VALID | (write ? HmmPfn.WRITE : 0) | (long) order << HmmPfn.ORDER_SHIFT | pfn;
    assertTrue(HmmPfn.isValid(entry));
    assertEquals(write, HmmPfn.isWritable(entry));
    assertFalse(HmmPfn.isError(entry));
    assertEquals(pfn, HmmPfn.pfn(entry));
    assertEquals(order, HmmPfn.mapOrder(entry));
  }

  @Test
  void R104_p22_whatIsNotValidIsNoPage() {
    for (long entry : new long[] {0, HmmPfn.ERROR, HmmPfn.WRITE, 0x1234, HmmPfn.WRITE | 0x1234}) {
      assertFalse(HmmPfn.isValid(entry));
      assertFalse(HmmPfn.isWritable(entry));
    }
    assertTrue(HmmPfn.isError(HmmPfn.ERROR));
    assertFalse(HmmPfn.isError(0));
    assertEquals(0, HmmPfn.pfn(HmmPfn.ERROR));
    assertEquals(0, HmmPfn.mapOrder(HmmPfn.ERROR | HmmPfn.VALID | HmmPfn.WRITE));
  }

  @Test
  void R102_theOrderHasFiveBits() {
    assertEquals(31, HmmPfn.mapOrder(-1L));
    assertEquals(9, HmmPfn.mapOrder(9L << 56));
    assertEquals(18, HmmPfn.mapOrder(18L << 56 | HmmPfn.VALID | MAX_PFN));
  }
}

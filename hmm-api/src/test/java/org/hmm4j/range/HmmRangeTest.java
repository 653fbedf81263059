// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.KernelBug;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges as values: construction, defaults, and use without registration. */
final class HmmRangeTest {

  private static void assertRefused(String value, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(value), message);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4096, 1",
    "4096, 12288, 2",
    "4096, 4096, 0",
    "8192, 4096, 0",
    "0, 0, 0",
    "4095, 4097, 2",
    "0, 1, 1",
    "0, 4097, 2"
  })
  void R101_thereIsAnEntryForEachPageThatIsTouched(long start, long end, int pages) {
    HmmRange range = HmmRange.of(start, end);
    assertEquals(pages, range.pfns().length);
    assertEquals(start, range.start());
    assertEquals(end, range.end());
  }

  @Test
  void R101_itRequestsNothingByDefault() {
    HmmRange range = HmmRange.of(0x1000, 0x3000);
    assertEquals(12, range.pageShift());
    assertEquals(0, range.defaultFlags());
    assertEquals(0, range.pfnFlagsMask());
    assertNull(range.devPrivateOwner());
    assertNull(range.notifier());
    assertEquals(0, range.notifierSeq());
    assertArrayEquals(new long[2], range.pfns());
  }

  @Test
  void settersReturnTheRangeItself() {
    Object owner = new Object();
    HmmRange range = HmmRange.of(0, 0x2000);
    assertSame(range, range.defaultFlags(HmmPfn.REQ_FAULT));
    assertSame(range, range.pfnFlagsMask(-1L));
    assertSame(range, range.devPrivateOwner(owner));
    assertEquals(HmmPfn.REQ_FAULT, range.defaultFlags());
    assertEquals(-1L, range.pfnFlagsMask());
    assertSame(owner, range.devPrivateOwner());
    assertThrows(NullPointerException.class, () -> range.notifier(null, 1));
    assertNull(range.notifier());
  }

  @Test
  void R101_theArrayIsLive() {
    HmmRange range = HmmRange.of(0, 0x2000);
    range.pfns()[1] = 5;
    assertEquals(5, range.pfn(1));
    assertSame(range.pfns(), range.pfns());
    assertThrows(ArrayIndexOutOfBoundsException.class, () -> range.pfn(2));
  }

  @Test
  void addressesAreNotNegative() {
    assertRefused("0x8000000000000000", () -> HmmRange.of(Long.MIN_VALUE, 0x1000));
    assertRefused("0xffffffffffffffff", () -> HmmRange.of(0, -1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 31, 64, Integer.MIN_VALUE})
  void theShiftIs1To30(int shift) {
    assertRefused(String.valueOf(shift), () -> HmmRange.of(0, 0x1000, shift));
  }

  @Test
  void otherPageSizes() {
    assertEquals(2, HmmRange.of(0, 0x20000, 16).pfns().length);
    assertEquals(0x800, HmmRange.of(0, 0x1000, 1).pfns().length);
    assertEquals(1, HmmRange.of(0, 1L << 30, 30).pfns().length);
  }

  @Test
  void aRangeHoldsFewerPagesThanAnArray() {
    assertRefused(String.valueOf(1L << 31), () -> HmmRange.of(0, 1L << 43));
    assertRefused("page", () -> HmmRange.of(0, Long.MAX_VALUE, 1));
  }

  @Test
  void withoutRegistrationThereIsNoValidity() {
    HmmRange range = HmmRange.of(0x1000, 0x3000);
    KernelBug bug = assertThrows(KernelBug.class, range::valid);
    assertEquals(KernelBug.Rule.NOT_REGISTERED, bug.rule());
    assertTrue(bug.getMessage().contains("[0x1000, 0x3000)"), bug.getMessage());
    assertThrows(KernelBug.class, () -> range.waitUntilValid(0));
    assertEquals("hmm_range [0x1000, 0x3000)", range.toString());
  }
}

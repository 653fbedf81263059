// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How addresses are cut. */
final class PageTableGeometryTest {

  @Test
  void M026_x8664() {
    PageTableGeometry x86 = PageTableGeometry.X86_64;
    assertEquals(4096, x86.pageSize());
    assertEquals(512, x86.ptesPerTable());
    assertEquals(9, x86.pmdOrder());
    assertEquals(18, x86.pudOrder());
    assertEquals(0x8000_0000_0000L, x86.taskSize());
    assertEquals(0, x86.pteIndex(0));
    assertEquals(511, x86.pteIndex(0x1fffff));
    assertEquals(0, x86.pteIndex(0x200000));
    assertEquals(3, x86.pteIndex(0x7fff_0000_3fffL));
    assertTrue(x86.isPageAligned(0x3000));
    assertFalse(x86.isPageAligned(0x3001));
    assertFalse(x86.isPageAligned(0x3800));
  }

  @Test
  void smallOnes() {
    PageTableGeometry tiny = new PageTableGeometry(1, 2, 3, 4, 4);
    assertEquals(2, tiny.ptesPerTable());
    assertEquals(2, tiny.pageSize());
    assertEquals(16, tiny.taskSize());
    assertEquals(1, tiny.pteIndex(7));
    assertEquals(1, tiny.pmdOrder());
    assertEquals(2, tiny.pudOrder());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 21, 30, 39, 47",
    "-1, 21, 30, 39, 47",
    "12, 12, 30, 39, 47",
    "12, 11, 30, 39, 47",
    "12, 21, 21, 39, 47",
    "12, 21, 30, 30, 47",
    "12, 21, 30, 39, 38",
    "12, 21, 30, 39, 63"
  })
  void M026_levelsHaveToBeInOrder(int page, int pmd, int pud, int pgd, int bits) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new PageTableGeometry(page, pmd, pud, pgd, bits))
            .getMessage();
    assertTrue(
        message.endsWith("%d, %d, %d, %d, %d".formatted(page, pmd, pud, pgd, bits)), message);
  }

  @Test
  void noTableIsLargerThanTwoToTheTwentyFour() {
    for (int level = 1; level < 5; level++) {
      int[] shifts = {1, 10, 19, 28, 36};
      for (int above = level; above < 5; above++) {
        shifts[above] += 17;
      }
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      new PageTableGeometry(shifts[0], shifts[1], shifts[2], shifts[3], shifts[4]))
              .getMessage();
      assertTrue(message.contains("at most 2^24 entries"), message);
    }
  }

  @Test
  void M026_theLimitsAreAllowed() {
    assertEquals(1L << 62, new PageTableGeometry(12, 21, 30, 39, 62).taskSize());
    assertEquals(1L << 39, new PageTableGeometry(12, 21, 30, 39, 39).taskSize());
  }
}

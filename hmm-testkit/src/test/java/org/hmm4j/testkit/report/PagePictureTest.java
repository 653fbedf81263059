// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PagePictureTest {

  private static String draw(IntFunction<List<String>> cells, int first, int end, int... marked) {
    PageRows rows =
        new PageRows() {
          @Override
          public List<String> columns() {
            return List.of("a", "b");
          }

          @Override
          public List<String> describe(int page) {
            return cells.apply(page);
          }
        };
    Set<Integer> set = Arrays.stream(marked).boxed().collect(Collectors.toSet());
    return String.join("\n", PagePicture.draw(rows, first, end, set)) + "\n";
  }

  @Test
  void showsAFewPagesOneByOne() {
    assertEquals(
        """
           page  a      b
              3  rw 1   -
        >     4  rw 10  -
              5  rw 10  -
        """,
        draw(page -> List.of(page == 3 ? "rw 1" : "rw 10", "-"), 3, 6, 4));
  }

  @Test
  void foldsManyPagesThatAreEqual() {
    assertEquals(
        """
             page  a  b
           0..199  r  -
        """,
        draw(page -> List.of("r", "-"), 0, 200));
  }

  @Test
  void foldsNumbersThatGrow() {
    assertEquals(
        """
            page  a               b
           0..19  rw 0xf8..0x10b  100..119
        """,
        draw(
            page -> List.of("rw 0x" + Integer.toHexString(0xf8 + page), "" + (100 + page)), 0, 20));
  }

  @Test
  void doesNotFoldWhatGrowsInOnePlaceOnly() {
    assertEquals(
        """
             page  a  b
             0..9  7  -
           10..19  8  -
        """,
        draw(page -> List.of(page < 10 ? "7" : "8", "-"), 0, 20));
  }

  @Test
  void foldsMarkedPagesApart() {
    assertEquals(
        """
            page  a  b
            0..4  r  -
        >   5..6  r  -
           7..19  r  -
        """,
        draw(page -> List.of("r", "-"), 0, 20, 5, 6));
  }

  @Test
  void doesNotTakeLongDigitsForANumber() {
    String digits = "1".repeat(30);
    assertEquals(
        """
            page  a                               b
           0..19  %s  -
        """
            .formatted(digits),
        draw(page -> List.of(digits, "-"), 0, 20));
  }
}

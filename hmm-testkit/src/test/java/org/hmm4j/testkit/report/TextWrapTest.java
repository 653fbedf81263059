// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextWrapTest {

  @Test
  void breaksAtSpacesThenAfterMarksThenAnywhere() {
    assertEquals(List.of("lock mutex", "  'a'"), TextWrap.wrap("lock mutex 'a'", 10));
    assertEquals(List.of("mmu_notifier_", "  range"), TextWrap.wrap("mmu_notifier_range", 14));
    assertEquals(List.of("abcdefgh", "  ijkl"), TextWrap.wrap("abcdefghijkl", 8));
    assertEquals(List.of("one", "two"), TextWrap.wrap("one\ntwo", 8));
    assertEquals(List.of(""), TextWrap.wrap("", 8));
  }

  @Test
  void noLineIsTooLongAndNothingIsLost() {
    String text = "spin lock 'mmu_notifier_subscriptions->lock' of [0x40000000, 0x40001fff]";
    for (int width = 16; width < 40; width++) {
      List<String> lines = TextWrap.wrap(text, width);
      for (String line : lines) {
        assertTrue(line.length() <= width, width + ": " + lines);
      }
      assertEquals(
          text.replace(" ", ""), String.join("", lines).replace(" ", ""), () -> lines.toString());
    }
  }
}

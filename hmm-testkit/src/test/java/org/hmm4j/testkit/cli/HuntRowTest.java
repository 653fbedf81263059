// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.testkit.gallery.Bug;
import org.hmm4j.testkit.gallery.Gallery;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.RuleBrokenError;
import org.junit.jupiter.api.Test;

/** A row of the table counts only what shows the bug. */
final class HuntRowTest {

  private static final Bug BUG = Gallery.find("P18").get(0);

  private static HuntRow row(Throwable thrown) {
    return HuntRow.of(
        BUG,
        Exploration.of(
                machine -> {
                  HuntRowTest.<RuntimeException>sneak(thrown);
                })
            .schedules(3)
            .run());
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static HuntTable table(boolean clean, HuntRow row) {
    return new HuntTable(
        new HuntReport(
            clean,
            "portfolio",
            new HuntParts(List.of(new HuntPart(42, Shard.WHOLE))),
            List.of(row)));
  }

  @Test
  void whatTheBugLooksLikeIsFound() {
    HuntTable table = table(false, row(new RuleBrokenError("I26", "stale")));

    assertTrue(table.isGood());
    assertFalse(table.hasOthers());
    assertTrue(table.lines().get(1).matches("P18 +yes .* I26 .*"), table.lines()::toString);
  }

  @Test
  void aBrokenMachineIsNoBugFound() {
    HuntTable table = table(false, row(new NoClassDefFoundError("org/hmm4j/Gone")));

    assertFalse(table.isGood());
    assertTrue(table.hasOthers());
    assertTrue(table.lines().get(1).matches("P18 +other .* EXCEPTION .*"), table.lines()::toString);
    assertTrue(table.lines().get(3).startsWith("P18 failed in another way than the bug does: "));
    assertTrue(table.lines().get(3).endsWith("org/hmm4j/Gone"), table.lines()::toString);
    assertEquals(
        "NOT OK: 0 of 1 bugs found, 0 of them in under 1000 schedules"
            + " (portfolio, seed 42, shard 1/1).",
        table.lines().get(5));
  }

  @Test
  void anotherRuleIsAnAlarmOnTheEngineAsItIsAndNoBugFound() {
    HuntRow row = row(new RuleBrokenError("I42", "else"));

    assertEquals("I42", row.rule());
    assertTrue(row.isOther());
    assertTrue(table(true, row).lines().get(1).contains(" yes "));
    assertFalse(table(true, row).isGood());
  }

  @Test
  void aSumShowsWhatIsNotTheBug() {
    HuntRow found = row(new RuleBrokenError("I26", "stale"));
    HuntRow other = row(new IllegalStateException("else"));

    assertTrue(found.plus(other).isOther());
    assertTrue(other.plus(found).isOther());
    assertFalse(found.plus(found).isOther());
  }
}

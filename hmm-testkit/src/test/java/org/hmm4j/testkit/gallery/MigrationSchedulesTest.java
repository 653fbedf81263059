// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Migration against the CPU, munmap, fork, a second device and exit, under many schedules. */
final class MigrationSchedulesTest {

  private static final long SCHEDULES = 200;

  static Stream<String> names() {
    return Explorable.find("devmem").stream().map(Explorable::name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void D134_nothingIsLostWhateverTheSchedule(String name) {
    Explorable.find(name).get(0).explore().schedules(SCHEDULES).run().assertClean();
  }

  /** A hole of the kernel, which this model has to have. */
  @Test
  void D133_twoTouchesInStepSpoilEachOther() {
    Failure failure =
        Exploration.of(MigrationScenarios.touchedByTwo())
            .withoutShrinking()
            .run()
            .failure()
            .orElseThrow();
    assertEquals(Verdict.LIVELOCK, failure.verdict());
  }

  /** What the other tests rest on. */
  @Test
  void aHistoryAllowsWhatCanBeLinearizedAndNothingElse() {
    PageHistory page = PageHistory.of(0);
    page.begin(1, 1);
    assertTrue(page.allows(0, 2));
    assertTrue(page.allows(1, 2));
    page.end(1, 3);
    assertTrue(page.allows(0, 2));
    assertFalse(page.allows(0, 4));
    page.begin(2, 5);
    page.begin(3, 6);
    page.end(3, 7);
    page.end(2, 8);
    assertTrue(page.allows(2, 9));
    assertTrue(page.allows(3, 9));
    assertFalse(page.allows(1, 9));
    assertFalse(page.allows(0x5a5a5a5a, 9));
    PageHistory child = page.ofChild(9);
    child.begin(4, 10);
    child.end(4, 11);
    assertFalse(child.allows(2, 12));
    page.withdraw(3);
    assertFalse(page.allows(3, 9));
  }
}

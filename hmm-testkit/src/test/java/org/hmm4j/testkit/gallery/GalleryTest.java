// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.Program;
import org.hmm4j.testkit.sim.Token;
import org.hmm4j.testkit.sim.Verdict;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every bug is found by its scenario, and by nothing but the bug. */
final class GalleryTest {

  private static final long SCHEDULES = 3_000;
  private static final long CLEAN_SCHEDULES = 60;
  private static final int OPERATIONS = 12;

  private static final Hunter HUNTER = new Hunter();

  @TestFactory
  Stream<DynamicTest> everyBugIsFoundAndMadeSmallAndReplays() {
    return Gallery.bugs().stream()
        .map(bug -> DynamicTest.dynamicTest("bug " + bug, () -> isFound(bug)));
  }

  private static void isFound(Bug bug) {
    Exploration exploration = HUNTER.hunt(bug).schedules(SCHEDULES);
    Failure failure = exploration.run().failure().orElseThrow(() -> new AssertionError(bug));

    assertTrue(bug.isShownBy(failure), failure::toString);
    int operations = ((Program<?>) failure.scenario()).operations();
    assertTrue(operations <= OPERATIONS, failure::toString);
    Failure again = exploration.replay(failure.token()).run().failure().orElseThrow();
    assertEquals(failure.verdict(), again.verdict());
    assertEquals(failure.steps(), again.steps());
    assertEquals(Bug.brokenRule(failure), Bug.brokenRule(again));
    smallIsCleanToo(bug, failure);
  }

  /** What was left out must not be what makes the scenario right. */
  private static void smallIsCleanToo(Bug bug, Failure failure) {
    Subject ours = Subject.ours();
    Exploration.of(bug.scenario(ours).variant(failure.token().variant()))
        .schedules(CLEAN_SCHEDULES / 2)
        .run()
        .assertClean();
  }

  @TestFactory
  Stream<DynamicTest> theEngineAsItIsRaisesNoAlarm() {
    return Gallery.bugs().stream()
        .map(
            bug ->
                DynamicTest.dynamicTest(
                    "scenario of " + bug.id(),
                    () -> bug.clean().schedules(CLEAN_SCHEDULES).seed(7).run().assertClean()));
  }

  @TestFactory
  Stream<DynamicTest> severalDevicesRaiseNoAlarm() {
    return MixedScenarios.all().keySet().stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name,
                    () -> Gallery.clean(name).schedules(CLEAN_SCHEDULES).run().assertClean()));
  }

  @Test
  void aFailureOfAnotherKindShowsNoBug() {
    Bug bug = Gallery.find("P18").get(0);
    Failure anotherBugs = HUNTER.hunt(Gallery.find("P14").get(0)).run().failure().orElseThrow();
    Failure brokenMachine =
        new Failure(
            Verdict.EXCEPTION,
            "task main/0 threw",
            Optional.of(new NoClassDefFoundError("org/hmm4j/Gone")),
            anotherBugs.token(),
            0,
            anotherBugs.scenario(),
            1,
            0,
            anotherBugs.record());

    assertFalse(bug.isShownBy(anotherBugs));
    assertEquals("I15", Bug.brokenRule(anotherBugs));
    assertEquals(List.of("I26"), bug.signs());
    assertEquals("EXCEPTION", Bug.brokenRule(brokenMachine));
    for (Bug every : Gallery.bugs()) {
      assertFalse(every.isShownBy(brokenMachine), every::toString);
    }
  }

  @Test
  void aTokenFindsItsScenario() {
    Bug bug = Gallery.find("P14").get(0);
    Failure failure = HUNTER.hunt(bug).run().failure().orElseThrow();
    Token token = Token.parse(failure.token().toString());

    Failure again = Hunter.named(token.scenario()).replay(token).run().failure().orElseThrow();

    assertEquals(failure.verdict(), again.verdict());
    assertTrue(Hunter.named("clean/P14").schedules(1).run().failure().isEmpty());
  }

  @Test
  void aCardFindsAllItsBugs() {
    assertEquals(4, Gallery.find("P17").size());
    assertEquals(1, Gallery.find("P17(a)").size());
    assertEquals(0, Gallery.find("P99").size());
  }

  @Test
  void anUnknownScenarioIsNamed() {
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> Hunter.named("clean/P99"));

    assertEquals(
        "the gallery has no scenario 'P99'; there are those of the bugs, and comings, exit, faults,"
            + " reap",
        unknown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Hunter.named("P17"), "several");
  }
}

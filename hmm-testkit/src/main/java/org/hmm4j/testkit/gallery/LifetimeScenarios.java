// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.CpuOperations.dontneed;
import static org.hmm4j.testkit.gallery.CpuOperations.exit;
import static org.hmm4j.testkit.gallery.CpuOperations.store;
import static org.hmm4j.testkit.gallery.DeviceOperations.anotherProcess;
import static org.hmm4j.testkit.gallery.DeviceOperations.elsewhere;
import static org.hmm4j.testkit.gallery.DeviceOperations.fault;
import static org.hmm4j.testkit.gallery.DeviceOperations.insert;
import static org.hmm4j.testkit.gallery.DeviceOperations.register;
import static org.hmm4j.testkit.gallery.DeviceOperations.registerRange;
import static org.hmm4j.testkit.gallery.DeviceOperations.remove;
import static org.hmm4j.testkit.gallery.DeviceOperations.unregister;

import java.util.Map;
import java.util.function.Function;
import org.hmm4j.testkit.sim.Program;

/** Who keeps whom alive, and who may register and unregister. */
final class LifetimeScenarios {

  private LifetimeScenarios() {}

  /** A program on two pages. */
  static Program<Stage> on(Subject subject) {
    return Program.<Stage>on(2, (world, pages) -> new Stage(world, pages, subject.nouveau()))
        .atEnd(Stage::end);
  }

  static void addTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put("P06(a)", LifetimeScenarios::hmmDiesUnderACallback);
    scenarios.put("P06(b)", LifetimeScenarios::hmmDiesUnderACallback);
    scenarios.put("P08", LifetimeScenarios::mmExitsBeforeItsHmm);
    scenarios.put("P09(a)", LifetimeScenarios::mirrorsComeAndGo);
    scenarios.put("P09(b)", subject -> firstRegistrationFails());
    scenarios.put("P12", LifetimeScenarios::exitWhileFaulting);
    scenarios.put("P16", LifetimeScenarios::unregisterWhileExiting);
    scenarios.put("X08", LifetimeScenarios::removeWhileInvalidating);
    scenarios.put("X09", LifetimeScenarios::insertWhileExiting);
    misusesTo(scenarios);
  }

  private static void misusesTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put("P03", s -> on(s).setup(register("a")).task("A", Misuses.registerOddRange("a")));
    scenarios.put(
        "P07",
        s ->
            on(s)
                .setup(register("a"))
                .task("A", unregister("a"), Misuses.registerRangeWithoutMirror("a")));
    scenarios.put(
        "P10",
        s ->
            on(s)
                .setup(register("a"), registerRange("a", 0))
                .task("A", Misuses.waitUnderSpinLock("a")));
    scenarios.put(
        "P13", s -> ScriptedStage.program().task("A", ScriptedStage.registerWithoutLock()));
    scenarios.put(
        "P14",
        s ->
            on(s)
                .setup(register("a"), register("b"))
                .task("A", Misuses.unregisterCarelessly("a"))
                .task("B", Misuses.unregisterCarelessly("a")));
    scenarios.put(
        "P15",
        s ->
            on(s)
                .setup(register("a"), registerRange("a", 0))
                .task("A", Misuses.unregisterRangeCarelessly("a"))
                .task("B", Misuses.unregisterRangeCarelessly("a")));
  }

  private static Program<?> hmmDiesUnderACallback(Subject subject) {
    return on(subject)
        .setup(store(0), register("a"))
        .task("A", unregister("a"))
        .task("B", dontneed(0));
  }

  private static Program<?> mmExitsBeforeItsHmm(Subject subject) {
    return on(subject)
        .setup(register("a"), anotherProcess(), exit())
        .task("A", unregister("a"))
        .task("B", elsewhere());
  }

  private static Program<?> mirrorsComeAndGo(Subject subject) {
    return on(subject).setup(register("a")).task("A", unregister("a")).task("B", register("b"));
  }

  private static Program<?> firstRegistrationFails() {
    return ScriptedStage.program()
        .setup(ScriptedStage.signal())
        .task(
            "A",
            ScriptedStage.register(),
            ScriptedStage.register(),
            ScriptedStage.invalidate(4, "I10"));
  }

  private static Program<?> exitWhileFaulting(Subject subject) {
    return on(subject).setup(register("a")).task("A", fault("a", Want.read(0))).task("B", exit());
  }

  private static Program<?> unregisterWhileExiting(Subject subject) {
    return on(subject).setup(register("a")).task("A", unregister("a")).task("B", exit());
  }

  private static Program<?> removeWhileInvalidating(Subject subject) {
    return on(subject).setup(store(0), insert("i")).task("A", remove("i")).task("B", dontneed(0));
  }

  private static Program<?> insertWhileExiting(Subject subject) {
    return on(subject)
        .setup(insert("j"))
        .task("A", Misuses.insertCarelessly("i"))
        .task("B", exit());
  }
}

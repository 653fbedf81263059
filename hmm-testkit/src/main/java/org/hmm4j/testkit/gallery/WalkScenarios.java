// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.CpuOperations.dontneed;
import static org.hmm4j.testkit.gallery.CpuOperations.faults;
import static org.hmm4j.testkit.gallery.CpuOperations.migrate;
import static org.hmm4j.testkit.gallery.CpuOperations.numaHint;
import static org.hmm4j.testkit.gallery.CpuOperations.protect;
import static org.hmm4j.testkit.gallery.CpuOperations.reclaim;
import static org.hmm4j.testkit.gallery.CpuOperations.store;
import static org.hmm4j.testkit.gallery.DeviceOperations.fault;
import static org.hmm4j.testkit.gallery.DeviceOperations.faultAllowRetry;
import static org.hmm4j.testkit.gallery.DeviceOperations.insert;
import static org.hmm4j.testkit.gallery.DeviceOperations.rangeFault;
import static org.hmm4j.testkit.gallery.DeviceOperations.register;
import static org.hmm4j.testkit.gallery.LifetimeScenarios.on;

import java.util.Map;
import java.util.function.Function;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.mm.FaultInterceptor;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.Program;

/** What the walk answers. Most of its bugs need no race. */
final class WalkScenarios {

  private WalkScenarios() {}

  static void addTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put("P04", s -> looking(s, Want.read(0), store(0), numaHint(0)));
    scenarios.put("2020-A(a)", s -> looking(s, Want.look(0, 1)));
    scenarios.put("2020-B", s -> looking(s, Want.look(0, 2), store(1)));
    scenarios.put(
        "X02", s -> looking(s, Want.write(0).answers(Errno.EPERM, "I41"), store(0), protect(0)));
    scenarios.put("X03", s -> looking(s, Want.read(-1).answers(Errno.EFAULT, "I34")));
    scenarios.put("X04(a)", s -> looking(s, Want.read(0), store(0), reclaim(0)));
    scenarios.put("X04(b)", WalkScenarios::migrateWhileFaulting);
    scenarios.put(
        "X05",
        s ->
            looking(
                s,
                Want.second(0),
                store(0),
                faults("take two rounds", () -> FaultInterceptor.rounds(2))));
    scenarios.put("X06", WalkScenarios::holeInASecondTable);
    scenarios.put("X16", s -> looking(s, Want.look(-1, 2)));
    racesTo(scenarios);
    scriptedTo(scenarios);
  }

  /** A device on the interval API that does one thing. */
  @SafeVarargs
  private static Program<?> looking(Subject subject, Want want, Operation<Stage>... before) {
    Program<Stage> program = on(subject);
    for (Operation<Stage> operation : before) {
      program = program.setup(operation);
    }
    return program.setup(insert("i")).task("A", rangeFault("i", want));
  }

  private static void racesTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put(
        "P05",
        s ->
            on(s)
                .setup(register("a"), faults("drop the lock", FaultInterceptor::dropLock))
                .task("A", fault("a", Want.read(0))));
    scenarios.put(
        "X14",
        s ->
            on(s)
                .setup(register("a"), faults("drop the lock", FaultInterceptor::dropLock))
                .task("A", faultAllowRetry("a", 0)));
    scenarios.put(
        "2020-A(b)",
        s ->
            on(s)
                .setup(store(0), register("a"))
                .task("A", fault("a", Want.second(0)))
                .task("B", dontneed(0)));
    scenarios.put(
        "2020-A(c)",
        s ->
            on(s)
                .setup(store(0), store(1), register("a"))
                .task("A", fault("a", Want.second(0)))
                .task("B", dontneed(0))
                .task("C", migrate(1)));
  }

  private static Program<?> migrateWhileFaulting(Subject subject) {
    return on(subject)
        .setup(store(0), insert("i"))
        .task("A", rangeFault("i", Want.read(0)))
        .task("B", migrate(0));
  }

  /** So many pages that the last is below another entry of the second level. */
  private static Program<?> holeInASecondTable(Subject subject) {
    return Program.<Stage>on(128, (world, pages) -> new Stage(world, pages, subject.nouveau()))
        .atEnd(Stage::end)
        .setup(store(0), insert("i"))
        .task("A", rangeFault("i", Want.read(127)));
  }

  private static void scriptedTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put(
        "P01",
        s ->
            scripted(
                ScriptedStage.fault(0, 4, "I33"),
                ScriptedStage.pud(0, Pte.present(0x40000, Pte.WRITE | Pte.DEVMAP | Pte.HUGE))));
    scenarios.put(
        "X07",
        s ->
            scripted(
                ScriptedStage.look(8, 10, "I29"),
                ScriptedStage.pmd(8, Pte.nonPresent(Pte.MIGRATION, 9))));
    scenarios.put(
        "X13",
        s ->
            scripted(
                ScriptedStage.fault(4, 5, "I34"),
                ScriptedStage.devicePage(
                    4, Pte.nonPresent(Pte.DEVICE_PRIVATE, 0x500), "another device")));
  }

  private static Program<?> scripted(
      Operation<ScriptedStage> last, Operation<ScriptedStage> before) {
    return ScriptedStage.program().setup(before).task("A", last);
  }
}

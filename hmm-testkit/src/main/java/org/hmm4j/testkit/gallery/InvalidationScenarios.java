// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.CpuOperations.dontneed;
import static org.hmm4j.testkit.gallery.CpuOperations.faults;
import static org.hmm4j.testkit.gallery.CpuOperations.invalidate;
import static org.hmm4j.testkit.gallery.CpuOperations.oomReap;
import static org.hmm4j.testkit.gallery.CpuOperations.store;
import static org.hmm4j.testkit.gallery.DeviceOperations.counting;
import static org.hmm4j.testkit.gallery.DeviceOperations.fault;
import static org.hmm4j.testkit.gallery.DeviceOperations.insert;
import static org.hmm4j.testkit.gallery.DeviceOperations.nouveau;
import static org.hmm4j.testkit.gallery.DeviceOperations.nouveauOdd;
import static org.hmm4j.testkit.gallery.DeviceOperations.rangeFault;
import static org.hmm4j.testkit.gallery.DeviceOperations.readBegin;
import static org.hmm4j.testkit.gallery.DeviceOperations.refusing;
import static org.hmm4j.testkit.gallery.DeviceOperations.register;
import static org.hmm4j.testkit.gallery.DeviceOperations.registerRange;
import static org.hmm4j.testkit.gallery.DeviceOperations.slow;
import static org.hmm4j.testkit.gallery.DeviceOperations.trust;
import static org.hmm4j.testkit.gallery.DeviceOperations.unregister;
import static org.hmm4j.testkit.gallery.LifetimeScenarios.on;

import java.util.Map;
import java.util.function.Function;
import org.hmm4j.mm.VmFault;
import org.hmm4j.testkit.mm.FaultInterceptor;
import org.hmm4j.testkit.sim.Program;

/** Invalidations beside faults, and those that must not sleep. */
final class InvalidationScenarios {

  /** Longer than nouveau waits. */
  private static final long LONG_MILLIS = 1_500;

  private InvalidationScenarios() {}

  static void addTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put("P17(a)", InvalidationScenarios::reapWhileUnregistering);
    scenarios.put("P17(b)", InvalidationScenarios::reapWhileFaulting);
    scenarios.put("P17(c)", InvalidationScenarios::reapWhileUnregistering);
    scenarios.put(
        "P17(d)", s -> on(s).setup(register("a"), registerRange("a", 0)).task("A", invalidate(0)));
    scenarios.put(
        "P18", s -> on(s).setup(register("a")).task("A", trust("a", 0)).task("B", invalidate(0)));
    scenarios.put(
        "P19",
        s ->
            on(s)
                .setup(register("a"))
                .task("A", fault("a", Want.read(0)))
                .task("B", invalidate(0)));
    scenarios.put("X01", InvalidationScenarios::pageGoesWhileFaulting);
    scenarios.put("X10", s -> on(s).setup(counting("n"), refusing("r")).task("A", oomReap()));
    scenarios.put(
        "X11", s -> on(s).setup(insert("i"), refusing("r")).task("A", oomReap(), readBegin("i")));
    nouveauTo(scenarios);
  }

  private static void nouveauTo(Map<String, Function<Subject, Program<?>>> scenarios) {
    scenarios.put(
        "P20",
        s ->
            on(s)
                .setup(register("a"), register("b"), slow("b", LONG_MILLIS))
                .task("A", nouveau("a", 0))
                .task("B", invalidate(0)));
    scenarios.put(
        "P21(a)",
        s ->
            on(s)
                .setup(
                    register("a"), faults("fail", () -> FaultInterceptor.failing(VmFault.SIGBUS)))
                .task("A", nouveau("a", 0)));
    scenarios.put("P21(b)", s -> on(s).setup(register("a")).task("A", nouveauOdd("a")));
    scenarios.put("X15", s -> on(s).setup(register("a")).task("A", nouveauOdd("a")));
  }

  private static Program<?> reapWhileUnregistering(Subject subject) {
    return on(subject)
        .setup(store(0), register("a"), register("b"))
        .task("A", unregister("b"))
        .task("B", oomReap());
  }

  private static Program<?> reapWhileFaulting(Subject subject) {
    return on(subject)
        .setup(store(0), register("a"))
        .task("A", fault("a", Want.read(0)))
        .task("B", oomReap());
  }

  private static Program<?> pageGoesWhileFaulting(Subject subject) {
    return on(subject)
        .setup(store(0), insert("i"))
        .task("A", rangeFault("i", Want.read(0)))
        .task("B", dontneed(0));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.CpuOperations.dontneed;
import static org.hmm4j.testkit.gallery.CpuOperations.exit;
import static org.hmm4j.testkit.gallery.CpuOperations.migrate;
import static org.hmm4j.testkit.gallery.CpuOperations.oomReap;
import static org.hmm4j.testkit.gallery.CpuOperations.store;
import static org.hmm4j.testkit.gallery.DeviceOperations.fault;
import static org.hmm4j.testkit.gallery.DeviceOperations.insert;
import static org.hmm4j.testkit.gallery.DeviceOperations.rangeFault;
import static org.hmm4j.testkit.gallery.DeviceOperations.register;
import static org.hmm4j.testkit.gallery.DeviceOperations.remove;
import static org.hmm4j.testkit.gallery.DeviceOperations.unregister;

import java.util.SortedMap;
import java.util.TreeMap;
import org.hmm4j.testkit.sim.Program;

/** Scenarios of several devices that show no bug: for the search on the engine as it is. */
final class MixedScenarios {

  private MixedScenarios() {}

  static SortedMap<String, Program<?>> all() {
    Program<Stage> devices =
        LifetimeScenarios.on(Subject.ours()).setup(store(0), store(1), register("a"), insert("i"));
    SortedMap<String, Program<?>> all = new TreeMap<>();
    all.put(
        "faults",
        devices
            .task("A", fault("a", Want.write(0)), fault("a", Want.read(1)))
            .task("B", rangeFault("i", Want.write(0)), rangeFault("i", Want.look(0, 2)))
            .task("C", dontneed(0), migrate(1), store(0)));
    all.put(
        "exit",
        devices
            .task("A", fault("a", Want.write(0)))
            .task("B", rangeFault("i", Want.read(1)))
            .task("C", dontneed(1), exit()));
    all.put(
        "reap",
        devices
            .task("A", fault("a", Want.read(0)))
            .task("B", rangeFault("i", Want.read(1)))
            .task("C", oomReap(), oomReap()));
    all.put(
        "comings",
        devices
            .task("A", unregister("a"), register("b"))
            .task("B", remove("i"), insert("j"))
            .task("C", dontneed(0), dontneed(1)));
    return all;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.bench;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.SimWorld;

/** What is explored. */
final class Programs {

  static final int TASKS = 3;
  static final int POINTS = 20;

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;

  private Programs() {}

  /** Three tasks that do nothing at twenty points each. */
  static void toy(SimWorld world) {
    Machine machine = world.machine();
    for (int task = 0; task < TASKS; task++) {
      world.spawn(
          "toy",
          () -> {
            for (int i = 0; i < POINTS; i++) {
              machine.preemptionPoint(Step.LOCK, machine);
            }
          });
    }
  }

  /** A device that registers and faults four pages while two tasks write and unmap them. */
  static void invalidation(SimWorld world) {
    Kernel kernel = world.kernel();
    PhysicalMemory memory = PhysicalMemory.create(kernel);
    FakeMm process = FakeMm.create(kernel, memory);
    process.mmap(BASE, 4 * PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
    world.spawn(
        "device",
        () -> {
          Dmirror device = IntervalDmirror.open(process.mm(), memory);
          device.read(BASE, new int[4]);
          device.close();
        });
    world.spawn("writer", () -> process.store(BASE + PAGE, 1));
    world.spawn("unmapper", () -> process.munmap(BASE, 2 * PAGE));
    world.join();
    process.exit();
  }
}

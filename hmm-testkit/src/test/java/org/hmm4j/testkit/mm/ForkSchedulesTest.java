// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Scenario;
import org.hmm4j.testkit.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** Fork against reclaim, migration and writes, under many schedules. */
class ForkSchedulesTest {

  private static final int SCHEDULES = 1_000;

  /** One page that holds 7, in a process of its own. */
  private static final class Stage {

    private final SimWorld world;
    private final PhysicalMemory memory;
    private final FakeMm parent;

    Stage(SimWorld world) {
      this.world = world;
      this.memory = PhysicalMemory.create(world.kernel(), 1, 2);
      this.parent = FakeMm.create(world.kernel(), memory);
      parent.mmap(at(0), size(1), Prot.READ_WRITE, Mapping.anonPrivate());
      store(parent, 7);
    }

    /** A child that sees the 7, writes, and exits. */
    void forkAndWrite() {
      FakeMm child = parent.fork();
      assertEquals(7, load(child));
      store(child, 8);
      assertEquals(8, load(child));
      child.exit();
    }

    void endWith(int value) {
      world.atEnd(
          () -> {
            assertEquals(value, load(parent));
            parent.exit();
            assertEquals(0, memory.framesInUse());
            assertEquals(0, memory.swap().slotsInUse());
          });
    }
  }

  private static int load(FakeMm mm) {
    CpuLoad load = mm.load(at(0));
    assertEquals(Signal.NONE, load.signal());
    return load.value();
  }

  private static void store(FakeMm mm, int value) {
    assertEquals(Signal.NONE, mm.store(at(0), value));
  }

  private static void explore(String name, Scenario scenario) {
    Exploration.of(scenario).name(name).schedules(SCHEDULES).run().assertClean();
  }

  @Test
  void M108_migrationThatEndsWhileAProcessForks() {
    explore(
        "fork and migration",
        world -> {
          Stage stage = new Stage(world);
          PageMigration migration = stage.parent.beginMigration(at(0));
          world.spawn("migration", () -> assertTrue(migration.finish()));
          world.spawn("fork", stage::forkAndWrite);
          stage.endWith(7);
        });
  }

  @Test
  void M108_migrationThatBeginsWhileAProcessForks() {
    explore(
        "migration and fork",
        world -> {
          Stage stage = new Stage(world);
          world.spawn("migration", () -> stage.parent.migrate(at(0)));
          world.spawn("fork", stage::forkAndWrite);
          stage.endWith(7);
        });
  }

  @Test
  void M107_reclaimWhileAProcessForks() {
    explore(
        "fork and reclaim",
        world -> {
          Stage stage = new Stage(world);
          world.spawn("reclaim", () -> stage.parent.reclaim(at(0)));
          world.spawn("fork", stage::forkAndWrite);
          stage.endWith(7);
        });
  }

  @Test
  void M103_M104_parentAndChildWriteToOnePage() {
    explore(
        "two writers",
        world -> {
          Stage stage = new Stage(world);
          FakeMm child = stage.parent.fork();
          world.spawn("parent", () -> store(stage.parent, 9));
          world.spawn(
              "child",
              () -> {
                store(child, 8);
                assertEquals(8, load(child));
                child.exit();
              });
          world.spawn("reclaim", () -> stage.parent.reclaim(at(0)));
          stage.endWith(9);
        });
  }

  @Test
  void M107_parentAndChildReadOnePageFromSwap() {
    explore(
        "two readers of a slot",
        world -> {
          Stage stage = new Stage(world);
          assertTrue(stage.parent.reclaim(at(0)));
          FakeMm child = stage.parent.fork();
          world.spawn("parent", () -> store(stage.parent, 9));
          world.spawn(
              "child",
              () -> {
                assertEquals(7, load(child));
                store(child, 8);
                child.exit();
              });
          stage.endWith(9);
        });
  }

  @Test
  void M105_siblingsForkAndExit() {
    explore(
        "siblings",
        world -> {
          Stage stage = new Stage(world);
          FakeMm child = stage.parent.fork();
          world.spawn("parent", stage::forkAndWrite);
          world.spawn(
              "child",
              () -> {
                FakeMm grandchild = child.fork();
                child.exit();
                store(grandchild, 8);
                assertTrue(grandchild.reclaim(at(0)));
                assertEquals(8, load(grandchild));
                grandchild.exit();
              });
          stage.endWith(7);
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.MigrationOperations.back;
import static org.hmm4j.testkit.gallery.MigrationOperations.close;
import static org.hmm4j.testkit.gallery.MigrationOperations.exit;
import static org.hmm4j.testkit.gallery.MigrationOperations.failAllocation;
import static org.hmm4j.testkit.gallery.MigrationOperations.forkAndRead;
import static org.hmm4j.testkit.gallery.MigrationOperations.forkAndWrite;
import static org.hmm4j.testkit.gallery.MigrationOperations.hold;
import static org.hmm4j.testkit.gallery.MigrationOperations.load;
import static org.hmm4j.testkit.gallery.MigrationOperations.munmap;
import static org.hmm4j.testkit.gallery.MigrationOperations.open;
import static org.hmm4j.testkit.gallery.MigrationOperations.read;
import static org.hmm4j.testkit.gallery.MigrationOperations.store;
import static org.hmm4j.testkit.gallery.MigrationOperations.there;
import static org.hmm4j.testkit.gallery.MigrationOperations.write;

import java.util.Map;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.Program;

/**
 * Migration to a device against everything that may come in between. Invariants I26, I49, I51 and
 * I52 are checked whatever the schedule; no bug is put in.
 */
final class MigrationScenarios {

  private static final int PAGES = 2;

  /** All allocations of a migration there and back, with those of a child, and one too many. */
  private static final int ALLOCATIONS = 24;

  private MigrationScenarios() {}

  static void addTo(Map<String, Program<?>> scenarios) {
    for (MemoryType type : MemoryType.values()) {
      String kind = "devmem/" + (type == MemoryType.DEVICE_PRIVATE ? "private" : "coherent") + "-";
      addPairs(scenarios, kind, type);
      addTriples(scenarios, kind, type);
      addLocks(scenarios, kind, type);
    }
    addFailures(scenarios);
  }

  /** Page 0 was written, page 1 never touched: both ways into a device. */
  private static Program<MigrationStage> stage(MemoryType type) {
    return Program.on(PAGES, MigrationStage::new)
        .setup(open("a", type), open("b", type), store(0))
        .atEnd(MigrationStage::end);
  }

  private static Program<MigrationStage> migrating(MemoryType type) {
    return stage(type).task("device", there("a", PAGES), write("a", 0), back("a", PAGES));
  }

  private static void addPairs(Map<String, Program<?>> scenarios, String kind, MemoryType type) {
    scenarios.put(kind + "cpu", migrating(type).task("cpu", store(0), load(1), store(1), load(0)));
    scenarios.put(kind + "munmap", migrating(type).task("cpu", load(1), munmap(0), store(1)));
    scenarios.put(kind + "fork", migrating(type).task("cpu", forkAndWrite(0), store(0)));
    scenarios.put(
        kind + "second-device",
        migrating(type).task("other", there("b", PAGES), write("b", 0), read("b", 1)));
    scenarios.put(kind + "exit", migrating(type).task("cpu", store(1), exit()));
    scenarios.put(
        kind + "close",
        stage(type)
            .task("device", there("a", PAGES), close("a"))
            .task("cpu", store(0), forkAndRead(1), load(1)));
    Operation<MigrationStage> zeroPage = load(1);
    scenarios.put(
        kind + "zero-page",
        Program.on(PAGES, MigrationStage::new)
            .setup(open("a", type), zeroPage)
            .task("device", there("a", PAGES), read("a", 1))
            .task("cpu", store(1), load(0))
            .atEnd(MigrationStage::end));
  }

  /**
   * No two tasks touch one page of a private device at a time, but for the one that moves it: see
   * {@link #touchedByTwo}.
   */
  private static void addTriples(Map<String, Program<?>> scenarios, String kind, MemoryType type) {
    scenarios.put(
        kind + "cpu-munmap",
        migrating(type).task("cpu", store(0), load(1)).task("unmapper", munmap(0), munmap(1)));
    scenarios.put(
        kind + "cpu-fork",
        migrating(type).task("cpu", store(1), load(1)).task("fork", forkAndWrite(0)));
    scenarios.put(
        kind + "cpu-second-device",
        migrating(type)
            .task("cpu", store(1), load(1))
            .task("other", there("b", PAGES), write("b", 0)));
    scenarios.put(
        kind + "fork-exit",
        migrating(type).task("fork", forkAndWrite(0), forkAndRead(1)).task("cpu", exit()));
    scenarios.put(
        kind + "two-forks",
        migrating(type).task("fork", forkAndWrite(0)).task("fork too", forkAndWrite(1), store(1)));
    scenarios.put(
        kind + "second-device-exit",
        migrating(type).task("other", there("b", PAGES), back("b", PAGES)).task("cpu", exit()));
  }

  /**
   * A hole that Linux 6.1 has: each of two tasks that touch a page of a private device takes a
   * reference before the driver migrates it, so each spoils the other's migration, and both try
   * again, for ever if they keep in step. Later kernels try to lock the page first.
   */
  static Program<MigrationStage> touchedByTwo() {
    return Program.on(1, MigrationStage::new)
        .setup(open("a", MemoryType.DEVICE_PRIVATE), store(0), there("a", 1))
        .task("cpu", load(0))
        .task("cpu too", load(0))
        .atEnd(MigrationStage::end);
  }

  /** Each page lock is lost to somebody who has the page for a while. */
  private static void addLocks(Map<String, Program<?>> scenarios, String kind, MemoryType type) {
    scenarios.put(kind + "lock", migrating(type).task("holder", hold(0), hold(1), hold(0)));
    scenarios.put(
        kind + "lock-cpu",
        migrating(type).task("holder", hold(0), hold(1)).task("cpu", store(0), store(1)));
  }

  private static void addFailures(Map<String, Program<?>> scenarios) {
    for (int after = 0; after < ALLOCATIONS; after++) {
      scenarios.put(
          "devmem/failing-%02d".formatted(after),
          Program.on(PAGES, MigrationStage::new)
              .setup(open("a", MemoryType.DEVICE_PRIVATE), store(0), failAllocation(after))
              .task("device", there("a", PAGES), back("a", PAGES))
              .task("cpu", forkAndWrite(0), store(1), load(0))
              .atEnd(MigrationStage::end));
    }
  }
}

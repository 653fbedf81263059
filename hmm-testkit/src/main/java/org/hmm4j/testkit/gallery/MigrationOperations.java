// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.testkit.sim.Operation;

/** What is done on a {@link MigrationStage}. */
final class MigrationOperations {

  private MigrationOperations() {}

  private static Operation<MigrationStage> onPage(
      String text, int page, BiConsumer<MigrationStage, Integer> action) {
    return new Operation<>(
        text + " " + page,
        stage -> {
          if (stage.has(page)) {
            action.accept(stage, page);
          }
        });
  }

  static Operation<MigrationStage> open(String device, MemoryType type) {
    return new Operation<>(
        "open %s, %s".formatted(device, type), stage -> stage.open(device, type));
  }

  static Operation<MigrationStage> store(int page) {
    return onPage("store", page, (stage, at) -> stage.process().store(at));
  }

  static Operation<MigrationStage> load(int page) {
    return onPage("load", page, (stage, at) -> stage.process().load(at));
  }

  static Operation<MigrationStage> munmap(int page) {
    return onPage("munmap", page, (stage, at) -> stage.process().munmap(at, 1));
  }

  static Operation<MigrationStage> exit() {
    return new Operation<>("exit", stage -> stage.process().exit());
  }

  static Operation<MigrationStage> hold(int page) {
    return onPage("hold", page, MigrationStage::hold);
  }

  /** A child that reads a page, writes it and reads it again. */
  static Operation<MigrationStage> forkAndWrite(int page) {
    return onPage(
        "fork, write",
        page,
        (stage, at) ->
            stage.inChild(
                child -> {
                  child.load(at);
                  child.store(at);
                  child.load(at);
                }));
  }

  /** A child that only reads. */
  static Operation<MigrationStage> forkAndRead(int page) {
    return onPage("fork, read", page, (stage, at) -> stage.inChild(child -> child.load(at)));
  }

  private static Operation<MigrationStage> onDevice(
      String device, String text, int page, ObjIntConsumer<MigrationDevice> action) {
    return onPage(
        device + " " + text,
        page,
        (stage, at) -> stage.with(device, opened -> action.accept(opened, at)));
  }

  static Operation<MigrationStage> read(String device, int page) {
    return onDevice(device, "reads", page, MigrationDevice::read);
  }

  static Operation<MigrationStage> write(String device, int page) {
    return onDevice(device, "writes", page, MigrationDevice::write);
  }

  /** Migrates pages to a device with one call. */
  static Operation<MigrationStage> there(String device, int pages) {
    return new Operation<>(
        "%s takes %d pages".formatted(device, pages),
        stage -> stage.with(device, it -> it.migrateThere(0, stage.within(0, pages))));
  }

  /** Migrates pages back with one call. */
  static Operation<MigrationStage> back(String device, int pages) {
    return new Operation<>(
        "%s gives %d pages back".formatted(device, pages),
        stage -> stage.with(device, it -> it.migrateBack(0, stage.within(0, pages))));
  }

  /** Closes the file of a device that no other task uses. */
  static Operation<MigrationStage> close(String device) {
    return new Operation<>("close " + device, stage -> stage.with(device, MigrationDevice::close));
  }

  static Operation<MigrationStage> failAllocation(int after) {
    return new Operation<>(
        "fail the allocation after " + after, stage -> stage.failAllocation(after));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.hmm4j.testkit.mm.FaultInterceptor;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** What the CPU and the kernel do to the pages of a process. */
final class CpuOperations {

  private CpuOperations() {}

  private static Operation<Stage> onPage(String text, int page, ObjIntConsumer<Stage> action) {
    return new Operation<>(
        text + " " + page,
        stage -> {
          if (stage.has(page)) {
            stage.asUser(() -> action.accept(stage, page));
          }
        });
  }

  static Operation<Stage> store(int page) {
    return onPage("store", page, (stage, at) -> stage.process.store(Stage.address(at), at + 1));
  }

  static Operation<Stage> dontneed(int page) {
    return onPage(
        "madvise(DONTNEED)",
        page,
        (stage, at) -> stage.process.madviseDontneed(Stage.address(at), size()));
  }

  static Operation<Stage> protect(int page) {
    return onPage(
        "mprotect(READ)",
        page,
        (stage, at) -> stage.process.mprotect(Stage.address(at), size(), Prot.READ));
  }

  static Operation<Stage> numaHint(int page) {
    return onPage(
        "numa hint",
        page,
        (stage, at) -> stage.process.numaHint(Stage.address(at), Stage.address(at + 1)));
  }

  static Operation<Stage> reclaim(int page) {
    return onPage("reclaim", page, (stage, at) -> stage.process.reclaim(Stage.address(at)));
  }

  static Operation<Stage> migrate(int page) {
    return onPage("migrate", page, (stage, at) -> stage.process.migrate(Stage.address(at)));
  }

  /** A start and an end, and nothing between. */
  static Operation<Stage> invalidate(int page) {
    return onPage("invalidate", page, Stage::invalidate);
  }

  private static long size() {
    return Stage.address(1) - Stage.address(0);
  }

  /** I23: what a driver has refused was not taken. */
  static Operation<Stage> oomReap() {
    return new Operation<>(
        "oom reap",
        stage ->
            stage.asUser(
                () -> {
                  stage.takeRefusal();
                  boolean all = stage.oomReap();
                  RuleBrokenError.unless(
                      !all || !stage.takeRefusal(), "I23", "the refusal of a driver was lost");
                }));
  }

  static Operation<Stage> exit() {
    return new Operation<>("exit", Stage::exit);
  }

  /** How faults of devices are meddled with, by something that is made for each run. */
  static Operation<Stage> faults(String how, Supplier<FaultInterceptor> interceptor) {
    return new Operation<>("faults " + how, stage -> stage.faults.meddle(interceptor.get()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Signal;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** A process on a {@link MigrationStage} and what its pages have to hold. */
final class MigrationProcess {

  private final MigrationStage stage;
  private final FakeMm mm;
  private final PageHistory[] pages;
  private final boolean[] unmapping;
  private boolean exited;

  private MigrationProcess(MigrationStage stage, FakeMm mm, PageHistory[] pages, boolean[] gone) {
    this.stage = stage;
    this.mm = mm;
    this.pages = pages;
    this.unmapping = gone;
  }

  /** A process with untouched pages. */
  static MigrationProcess fresh(MigrationStage stage, FakeMm mm, int pages) {
    PageHistory[] histories = new PageHistory[pages];
    for (int i = 0; i < pages; i++) {
      histories[i] = PageHistory.of(0);
    }
    return new MigrationProcess(stage, mm, histories, new boolean[pages]);
  }

  FakeMm mm() {
    return mm;
  }

  PageHistory history(int page) {
    return pages[page];
  }

  boolean isUnmapping(int page) {
    return unmapping[page];
  }

  /** Whether the process itself has let go; a driver may still use the address space. */
  boolean hasExited() {
    return exited;
  }

  /** Does something as a user of the address space; nothing if that has gone. */
  private void asUser(Runnable action) {
    if (mm.mm().mmgetNotZero()) {
      try {
        action.run();
      } finally {
        mm.mm().mmput();
      }
    }
  }

  void store(int page) {
    asUser(
        () -> {
          int value = stage.newValue();
          pages[page].begin(value, stage.tick());
          Signal signal = mm.store(MigrationStage.address(page), value);
          if (signal == Signal.NONE) {
            pages[page].end(value, stage.tick());
          } else {
            pages[page].withdraw(value);
            checkSignal(page, signal);
          }
        });
  }

  void load(int page) {
    asUser(
        () -> {
          int begun = stage.tick();
          CpuLoad load = mm.load(MigrationStage.address(page));
          if (load.signal() == Signal.NONE) {
            check(page, load.value(), begun, "the CPU");
          } else {
            checkSignal(page, load.signal());
          }
        });
  }

  private void checkSignal(int page, Signal signal) {
    boolean allowed =
        (signal == Signal.SIGSEGV && unmapping[page])
            || (signal == Signal.SIGKILL && stage.hasFailed());
    RuleBrokenError.unless(
        allowed, "I51", "access to page " + page + " is answered with " + signal);
  }

  /** Checks a value that somebody has read. */
  void check(int page, int value, int begun, String reader) {
    RuleBrokenError.unless(
        pages[page].allows(value, begun),
        "I51",
        "%s reads %d from page %d at %d, which was written %s"
            .formatted(reader, value, page, begun, pages[page]));
  }

  void munmap(int first, int count) {
    asUser(
        () -> {
          for (int page = first; page < first + count; page++) {
            unmapping[page] = true;
          }
          long start = MigrationStage.address(first);
          mm.munmap(start, MigrationStage.address(first + count) - start);
          stage.devices().forEach(device -> device.checkUnmapped(first, count));
        });
  }

  /** Makes a child; null if there was no memory. */
  MigrationProcess fork() {
    MigrationProcess[] child = new MigrationProcess[1];
    asUser(
        () -> {
          int begun = stage.tick();
          FakeMm forked = mm.fork();
          if (forked == null) {
            RuleBrokenError.unless(stage.hasFailed(), "I51", "fork fails without a reason");
            return;
          }
          PageHistory[] copies = new PageHistory[pages.length];
          for (int i = 0; i < pages.length; i++) {
            copies[i] = pages[i].ofChild(begun);
          }
          child[0] = new MigrationProcess(stage, forked, copies, unmapping.clone());
        });
    return child[0];
  }

  void exit() {
    if (!exited) {
      exited = true;
      mm.exit();
    }
  }
}

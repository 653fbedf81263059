// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.kernel.Errno;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** A plain notifier: one that counts its brackets, or one that refuses what may not sleep. */
final class ListDevice implements StageDevice {

  private final Stage stage;
  private final MmuNotifier notifier;
  private boolean open;
  private int starts;
  private int ends;

  private ListDevice(Stage stage, boolean refuses) {
    this.stage = stage;
    notifier = stage.notifiers.notifier(refuses ? new Refusing() : new Counting());
  }

  static ListDevice counting(Stage stage, String name) {
    return stage.device(name, ListDevice.class, () -> new ListDevice(stage, false));
  }

  static ListDevice refusing(Stage stage, String name) {
    return stage.device(name, ListDevice.class, () -> new ListDevice(stage, true));
  }

  private final class Counting implements MmuNotifierEndOps {
    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      starts++;
      return Errno.OK;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
      ends++;
    }
  }

  private static final class Refusing implements MmuNotifierOps {
    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      return range.blockable() ? Errno.OK : Errno.EAGAIN;
    }
  }

  void open() {
    if (!open) {
      stage.asUser(() -> open = notifier.register(stage.mm) == Errno.OK);
    }
  }

  /** I22: who has started gets one end. */
  @Override
  public void checkAtRest() {
    RuleBrokenError.unless(
        starts == ends, "I22", "%d starts and %d ends of a notifier".formatted(starts, ends));
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      notifier.unregister();
    }
  }
}

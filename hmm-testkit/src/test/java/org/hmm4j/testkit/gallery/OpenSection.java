// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * A callback of another mm that waits: it holds an SRCU section open, of which all mms share one.
 */
final class OpenSection implements MmuNotifierOps {

  private final Stop stop;
  private final Side task;

  OpenSection(Scene scene) {
    stop = new Stop(scene);
    CardSpace elsewhere = new CardSpace();
    MmStruct mm = MmStruct.alloc(scene.kernel, elsewhere);
    elsewhere.mm = mm;
    MmuNotifier notifier = scene.notifiers.notifier(this);
    assertEquals(Errno.OK, notifier.register(mm));
    MmuNotifierRange change = MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, 0, 0x1000);
    task =
        scene.other(
            "section",
            () -> {
              scene.notifiers.invalidateRangeStart(change);
              scene.notifiers.invalidateRangeEnd(change);
              notifier.unregister();
              mm.mmput();
            });
    stop.awaitReached();
  }

  @Override
  public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
    stop.here();
    return Errno.OK;
  }

  void close() {
    stop.go();
    task.join();
  }
}

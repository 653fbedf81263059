// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.kernel.Errno;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.sim.RuleBrokenError;

/** Another process with a notifier: its callbacks hold grace periods up, which all mms share. */
final class ElsewhereDevice implements StageDevice {

  private final FakeMm process;
  private final MmuNotifier notifier;

  private ElsewhereDevice(Stage stage) {
    process = stage.anotherProcess();
    notifier = stage.notifiers.notifier(new MmuNotifierOps() {});
    Errno errno = notifier.register(process.mm());
    RuleBrokenError.unless(errno == Errno.OK, "I08", "a notifier answers " + errno);
  }

  static ElsewhereDevice of(Stage stage) {
    return stage.device("elsewhere", ElsewhereDevice.class, () -> new ElsewhereDevice(stage));
  }

  void invalidate() {
    process.madviseDontneed(Stage.address(0), Stage.address(1) - Stage.address(0));
  }

  @Override
  public void checkAtRest() {}

  @Override
  public void close() {
    notifier.unregister();
    process.exit();
  }
}

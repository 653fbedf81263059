// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.testkit.sim.Verdict;

/** The notifier core with the bugs that were fixed in 2020 to 2022, and one that still stands. */
final class NotifierMutants {

  private NotifierMutants() {}

  static List<Mutant> all() {
    return List.of(x01(), x08(), x09(), x10(), x11());
  }

  private static Mutant x01() {
    return Mutant.of(
        "X01",
        "I42",
        "read_retry asks whether an invalidation runs, not whether one ran",
        Patch.engine(
            "notifier/IntervalNotifier",
            "return now != seq;",
            "return subscriptions.intervals().sequence() == now;"));
  }

  private static Mutant x08() {
    return Mutant.of(
            "X08",
            "I38",
            "remove compares the sequence without the lock",
            Patch.engine(
                "notifier/IntervalSubscriptions",
                "waitQueue.waitEvent(() -> sequenceUnderLock() != running);",
                "waitQueue.waitEvent(() -> sequence != running);"))
        .shownBy(Sign.of(Rule.USE_AFTER_FREE));
  }

  private static Mutant x09() {
    return Mutant.of(
        "X09",
        "I37",
        "insert looks at mm_count instead of mm_users",
        Patch.engine(
            "notifier/IntervalNotifier", "target.mmUsers() <= 0", "target.mmCount() <= 0"));
  }

  private static Mutant x10() {
    return Mutant.of(
        "X10",
        "I22",
        "a failing start ends nobody",
        Patch.engine(
            "notifier/EverybodyIsEnded",
            """
              public boolean endsTheStarted() {
                return true;
            """,
            """
              public boolean endsTheStarted() {
                return false;
            """));
  }

  private static Mutant x11() {
    return Mutant.of(
            "X11",
            "I43",
            "the intervals are ended only if they themselves failed",
            Patch.engine(
                "notifier/Invalidation",
                """
                  errno = startIntervals();
            """,
                """
                  errno = startIntervals();
                  withIntervals = errno != Errno.OK;
            """))
        .shownBy(Sign.of(Verdict.DEADLOCK));
  }
}

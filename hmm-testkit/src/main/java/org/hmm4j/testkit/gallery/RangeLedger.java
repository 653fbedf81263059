// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.testkit.sim.RuleBrokenError;

/**
 * The ranges that are registered for sure: from the return of the one call to the beginning of the
 * other. And one that is being unregistered, if its driver trusts the answer.
 */
final class RangeLedger {

  private final List<HmmRange> ranges = new ArrayList<>();
  private HmmRange trusted;

  /** Whether a callback saw the trusted range invalid, of an invalidation that has not ended. */
  private boolean seenInvalid;

  void add(HmmRange range) {
    ranges.add(range);
  }

  void remove(HmmRange range) {
    ranges.remove(range);
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  List<HmmRange> registered() {
    return List.copyOf(ranges);
  }

  /** I25, which holds all the time that a callback runs. */
  void check(HmmUpdate update, Stage stage) {
    for (HmmRange range : ranges) {
      RuleBrokenError.unless(
          !overlap(range, update) || !range.valid(),
          "I25",
          range + " is valid while a callback of its invalidation runs");
    }
    // Of the stage's own invalidations it is known when they end.
    if (trusted != null && update.owner() == stage && overlap(trusted, update)) {
      seenInvalid |= isSeenInvalid(trusted);
    }
  }

  private static boolean overlap(HmmRange range, HmmUpdate update) {
    return range.start() < update.end() && update.start() < range.end();
  }

  /** A range that is not registered any more is poison, not invalid. */
  private static boolean isSeenInvalid(HmmRange range) {
    try {
      return !range.valid();
    } catch (KernelBug poisoned) {
      return false;
    }
  }

  /** From here on a range may become valid again. */
  void beforeEnd() {
    seenInvalid = false;
  }

  void trust(HmmRange range) {
    trusted = range;
  }

  /** I26: who is told at the unregistration that the range was valid may believe it. */
  void checkTrust(boolean valid) {
    HmmRange range = trusted;
    trusted = null;
    RuleBrokenError.unless(
        !valid || !seenInvalid, "I26", range + " was called valid; a callback saw it invalid");
    seenInvalid = false;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * The callback of an interval notifier: logs its name, remembers the sequences and sets them as a
 * driver does. The action before that says whether to go on.
 */
final class IntervalRecorder implements MmuIntervalNotifierOps {

  private final Bench bench;
  private final String name;
  private final List<Long> sequences = new CopyOnWriteArrayList<>();
  private Predicate<MmuNotifierRange> action = range -> true;

  IntervalRecorder(Bench bench, String name) {
    this.bench = bench;
    this.name = name;
  }

  /** What to do before the sequence is set; false refuses. */
  IntervalRecorder action(Predicate<MmuNotifierRange> action) {
    this.action = action;
    return this;
  }

  List<Long> sequences() {
    return sequences;
  }

  @Override
  public boolean invalidate(MmuIntervalNotifier subscription, MmuNotifierRange range, long curSeq) {
    bench.log().add(name);
    sequences.add(curSeq);
    if (!action.test(range)) {
      return false;
    }
    subscription.setSeq(curSeq);
    return true;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.BitSet;
import java.util.List;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunStep.Turn;

/**
 * The steps of a run that matter: the preemptions, the last switches, the last step of each task
 * that failed or was left, and the steps on what the failure is about.
 */
final class Highlights {

  private static final int LAST_SWITCHES = 2;

  /** Of more than this only the first and the last are shown. */
  private static final int SHOWN_ALL = 48;

  private static final int SHOWN_FIRST = 12;
  private static final int SHOWN_LAST = 36;

  private final int size;
  private final BitSet marked = new BitSet();

  Highlights(RunReport report) {
    RunRecord record = report.record();
    List<RunStep> steps = record.steps();
    size = steps.size();
    BitSet lastOf = new BitSet();
    int switches = 0;
    for (int i = size - 1; i >= 0; i--) {
      RunStep step = steps.get(i);
      boolean last = !lastOf.get(step.task());
      lastOf.set(step.task());
      boolean left =
          !record.tasks().get(step.task()).hasEnded()
              || record.tasks().get(step.task()).thrown().isPresent();
      boolean lateSwitch = step.turn() != Turn.SAME && switches++ < LAST_SWITCHES;
      boolean suspect = step.step().isPresent() && report.suspects().contains(step.object());
      if (lateSwitch || suspect || last && left || step.turn() == Turn.PREEMPTION) {
        marked.set(i);
      }
    }
    record.events().stream()
        .filter(event -> report.suspects().contains(event.object()))
        .forEach(event -> marked.set(event.step()));
  }

  boolean isMarked(int step) {
    return marked.get(step);
  }

  /** Returns the steps to show where there is no room for all: the marked ones and those before. */
  BitSet shown() {
    BitSet shown = new BitSet();
    if (size <= SHOWN_ALL) {
      shown.set(0, size);
      return shown;
    }
    shown.or(marked);
    marked.stream().filter(step -> step > 0).forEach(step -> shown.set(step - 1));
    shown.set(size - 1);
    int extra = shown.cardinality() - SHOWN_ALL;
    int at = -1;
    for (int i = 0; i < SHOWN_FIRST; i++) {
      at = shown.nextSetBit(at + 1);
      if (at < 0) {
        return shown;
      }
    }
    for (int i = 0; i < extra && shown.cardinality() > SHOWN_FIRST + SHOWN_LAST; i++) {
      shown.clear(shown.nextSetBit(at + 1));
    }
    return shown;
  }
}

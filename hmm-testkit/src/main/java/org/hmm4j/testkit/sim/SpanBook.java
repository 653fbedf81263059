// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunSpan.Kind;
import org.hmm4j.trace.TracePoint;

/** What the tasks of a run have open, and had. */
final class SpanBook {

  private static final int OPEN = -1;

  private final List<RunSpan> spans = new ArrayList<>();

  /**
   * The places of those that are open, so that a long run costs no more a step than a short one.
   */
  private final List<Integer> open = new ArrayList<>();

  /** Opens or closes what an event is about. */
  void note(TracePoint point, int task, String object, String detail, int now) {
    switch (point) {
      case LOCK_ACQUIRED -> open(Kind.LOCK, task, object, detail, now);
      case LOCK_RELEASED -> close(Kind.LOCK, task, now, span -> span.object().equals(object));
      case SRCU_ENTERED -> open(Kind.SECTION, task, object, detail, now);
      case SRCU_LEFT -> close(Kind.SECTION, task, now, span -> span.object().equals(object));
      case INVALIDATION_BEGUN -> open(Kind.INVALIDATION, task, object, detail, now);
      case INVALIDATION_FAILED, INVALIDATION_ENDED ->
          close(
              Kind.INVALIDATION,
              task,
              now,
              span -> span.object().equals(object) && span.detail().equals(detail));
      case CALLBACK_ENTERED -> open(Kind.CALLBACK, task, object, detail, now);
      case CALLBACK_LEFT -> close(Kind.CALLBACK, task, now, span -> true);
      default -> {
        // Opens and closes nothing.
      }
    }
  }

  void open(Kind kind, int task, String object, String detail, int now) {
    open.add(spans.size());
    spans.add(new RunSpan(kind, task, object, detail, now, OPEN, false));
  }

  void close(Kind kind, int task, int now) {
    close(kind, task, now, span -> true);
  }

  /** Closes the latest one of the task; of another task if it has none, as for a page lock. */
  private void close(Kind kind, int task, int now, Predicate<RunSpan> which) {
    Predicate<RunSpan> ofKind = which.and(span -> span.kind() == kind);
    if (!closeLatest(ofKind.and(span -> span.task() == task), now) && kind == Kind.LOCK) {
      closeLatest(ofKind, now);
    }
  }

  private boolean closeLatest(Predicate<RunSpan> which, int now) {
    for (int i = open.size() - 1; i >= 0; i--) {
      int place = open.get(i);
      RunSpan span = spans.get(place);
      if (which.test(span)) {
        open.remove(i);
        spans.set(place, ended(span, now, true));
        return true;
      }
    }
    return false;
  }

  /** Returns all; those that are open reach to the end. */
  List<RunSpan> spans(int end) {
    return spans.stream().map(span -> span.ended() ? span : ended(span, end, false)).toList();
  }

  private static RunSpan ended(RunSpan span, int to, boolean ended) {
    return new RunSpan(
        span.kind(), span.task(), span.object(), span.detail(), span.from(), to, ended);
  }
}

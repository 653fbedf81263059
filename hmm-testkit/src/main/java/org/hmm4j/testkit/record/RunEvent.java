// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import org.hmm4j.trace.TracePoint;

/**
 * A trace event of a run; see {@link TracePoint} for what the parts mean.
 *
 * @param step in which step it happened
 * @param task who did it
 * @param point what happened
 * @param object to what
 * @param detail how, or an empty text
 * @param address where, or 0
 * @param from the value before, or 0
 * @param to the value after, or 0
 */
public record RunEvent(
    int step,
    int task,
    TracePoint point,
    String object,
    String detail,
    long address,
    long from,
    long to) {

  /**
   * Says what happened.
   *
   * @return a text without the name of the task
   */
  public String text() {
    return switch (point) {
      case LOCK_CONTENDED -> "has to wait for " + object + after(detail);
      case LOCK_ACQUIRED -> "takes " + object + after(detail);
      case LOCK_RELEASED -> "gives back " + object + after(detail);
      case SRCU_ENTERED -> "enters " + object;
      case SRCU_LEFT -> "leaves " + object;
      case WAITS -> "waits for " + object;
      case WOKEN -> "wakes " + object;
      case INVALIDATION_BEGUN -> "begins invalidation " + detail;
      case INVALIDATION_FAILED -> "can't begin invalidation " + detail;
      case INVALIDATION_ENDED -> "ends invalidation " + detail;
      case INVALIDATION_AWAITED -> "looks for running invalidations of " + detail;
      case CALLBACK_ENTERED -> "calls " + detail + " of " + object;
      case CALLBACK_LEFT -> "returns from " + detail + " of " + object;
      case ALLOCATED -> "allocates " + object;
      case FREED -> "frees " + object;
      case ENTRY_CHANGED -> "%s 0x%x: %s".formatted(object, address, detail);
      case WARNED -> "WARN " + object;
      default -> valueText();
    };
  }

  private String valueText() {
    return switch (point) {
      case SEQUENCE_CHANGED -> "sequence of %s: %d -> %d".formatted(object, from, to);
      case SEQUENCE_READ -> "begins to read %s at sequence %d".formatted(object, to);
      case SEQUENCE_CHECKED ->
          from == to
              ? "%s: sequence is still %d".formatted(object, to)
              : "%s: retry, sequence was %d, is %d".formatted(object, from, to);
      case RANGE_CHANGED -> object + (to != 0 ? " becomes valid" : " becomes invalid");
      case RANGE_CHECKED -> object + (to != 0 ? " is valid" : " is not valid: retry");
      default -> "%s: %d -> %d".formatted(object, from, to);
    };
  }

  private static String after(String detail) {
    return detail.isEmpty() ? "" : " " + detail;
  }
}

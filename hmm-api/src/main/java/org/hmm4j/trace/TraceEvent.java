// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

import org.hmm4j.machine.Task;

/**
 * Something that happened in a kernel. The {@link TracePoint} says what the parts mean. Holds the
 * objects themselves: their text may have changed when it is looked at later.
 *
 * @param point what happened
 * @param nanos when, on the scale of {@link org.hmm4j.machine.Machine#nanoTime}
 * @param task who did it
 * @param object what it happened to
 * @param detail how, or null
 * @param address where, in bytes, or 0
 * @param from the value before, or 0
 * @param to the value after, or 0
 */
public record TraceEvent(
    TracePoint point,
    long nanos,
    Task task,
    Object object,
    Object detail,
    long address,
    long from,
    long to) {

  @Override
  public String toString() {
    String text = nanos + " " + task + " " + point + " " + object;
    if (detail != null) {
      text += " (" + detail + ")";
    }
    if (address != 0) {
      text += " at 0x" + Long.toHexString(address);
    }
    return from == 0 && to == 0 ? text : text + " " + from + " -> " + to;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import org.hmm4j.range.HmmPfn;

/**
 * What {@code range_fault} answers for a page, without the page frame number, which means nothing
 * outside the machine that it was recorded on.
 *
 * @param valid {@link HmmPfn#VALID}
 * @param writable {@link HmmPfn#WRITE}
 * @param error {@link HmmPfn#ERROR}
 * @param devicePrivate whether the page is in the private memory of the device that asks
 * @param order the map order; can be set on an entry that has no other bit
 */
public record PfnWord(
    boolean valid, boolean writable, boolean error, boolean devicePrivate, int order) {

  /** The map order has five bits. */
  static final int MAX_ORDER = 31;

  /**
   * Checks the map order.
   *
   * @param valid the VALID bit
   * @param writable the WRITE bit
   * @param error the ERROR bit
   * @param devicePrivate whether the page is in the device's private memory
   * @param order the map order
   */
  public PfnWord {
    if (order < 0 || order > MAX_ORDER) {
      throw new IllegalArgumentException("a map order is 0 to 31, got " + order);
    }
  }

  /**
   * Takes the word out of an answer of the engine.
   *
   * @param pfn an entry in the format of {@link HmmPfn}
   * @param devicePrivate whether its page is in the private memory of the device that asks
   * @return the word
   */
  public static PfnWord of(long pfn, boolean devicePrivate) {
    return new PfnWord(
        HmmPfn.isValid(pfn),
        (pfn & HmmPfn.WRITE) != 0,
        HmmPfn.isError(pfn),
        devicePrivate,
        HmmPfn.mapOrder(pfn));
  }

  /**
   * Returns the word as it stands in a trace.
   *
   * @return for example {@code "VW9"}, {@code "E"}, {@code "-"}
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    append(text, valid, 'V');
    append(text, writable, 'W');
    append(text, error, 'E');
    append(text, devicePrivate, 'D');
    if (text.isEmpty()) {
      text.append('-');
    }
    return order == 0 ? text.toString() : text.append(order).toString();
  }

  private static void append(StringBuilder text, boolean set, char letter) {
    if (set) {
      text.append(letter);
    }
  }
}

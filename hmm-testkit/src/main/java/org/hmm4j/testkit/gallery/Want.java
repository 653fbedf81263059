// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Arrays;
import org.hmm4j.kernel.Errno;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.sim.RuleBrokenError;

/**
 * What a device asks for, and what has to come of it.
 *
 * @param first the first page; may be negative, before the memory of the process
 * @param entries what is in the array at first: requests where the mask lets them through
 * @param defaultFlags asked for each page
 * @param mask which bits of the entries are requests
 * @param answer the only answer that is right, when no invalidation interferes
 * @param rule the invariant that says so
 */
record Want(int first, long[] entries, long defaultFlags, long mask, Errno answer, String rule) {

  private static final long GARBAGE = HmmPfn.WRITE | HmmPfn.ERROR | 0x4c0;

  /** A page that may be read. */
  static Want read(int page) {
    return new Want(page, new long[1], HmmPfn.REQ_FAULT, 0, Errno.OK, "I34");
  }

  /** A page that may be written. */
  static Want write(int page) {
    return new Want(page, new long[1], HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE, 0, Errno.OK, "I34");
  }

  /** Nothing: only what is there, into an array that was used before. */
  static Want look(int first, int count) {
    long[] entries = new long[count];
    Arrays.fill(entries, GARBAGE);
    return new Want(first, entries, 0, 0, Errno.OK, "I36");
  }

  /** The second of two pages, to be written, and of the first what is there. */
  static Want second(int first) {
    long[] entries = {0, HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE};
    return new Want(first, entries, 0, -1L, Errno.OK, "I28");
  }

  Want answers(Errno errno, String why) {
    return new Want(first, entries, defaultFlags, mask, errno, why);
  }

  /** A range that asks for this; the entries are set by {@link #fill}. */
  HmmRange range() {
    return HmmRange.of(Stage.address(first), Stage.address(first + entries.length))
        .defaultFlags(defaultFlags)
        .pfnFlagsMask(mask);
  }

  /** Sets the requests again, which the last answer has overwritten. */
  void fill(HmmRange range) {
    System.arraycopy(entries, 0, range.pfns(), 0, entries.length);
  }

  private long request(int index) {
    return entries[index] & mask | defaultFlags;
  }

  /** The first page that is asked for; beyond the end if none is. */
  int firstRequested() {
    int index = 0;
    while (index < entries.length && (request(index) & HmmPfn.REQ_FAULT) == 0) {
      index++;
    }
    return first + index;
  }

  /** Whether there is anything to be faulted in. */
  boolean mayFault() {
    return answer == Errno.OK && firstRequested() < first + entries.length;
  }

  /** I34: OK means that what was asked for is there. */
  void checkAnswered(HmmRange range) {
    for (int i = 0; i < entries.length; i++) {
      long wanted = request(i) & (HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE);
      if ((wanted & HmmPfn.REQ_FAULT) != 0) {
        RuleBrokenError.unless(
            (range.pfn(i) & wanted) == wanted,
            rule,
            "OK, but page %d is 0x%x".formatted(first + i, range.pfn(i)));
      }
    }
  }

  @Override
  public String toString() {
    String pages = entries.length == 1 ? "" : "-" + (first + entries.length - 1);
    String asked = mayFault() ? ", want " + firstRequested() : "";
    return first + pages + asked;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.range.HmmRange;

/** The requests of a range, to be set again before each try: answers overwrite them. */
record Requests(long[] pfns) {

  static Requests of(HmmRange range) {
    return new Requests(range.pfns().clone());
  }

  void restore(HmmRange range) {
    System.arraycopy(pfns, 0, range.pfns(), 0, pfns.length);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import org.hmm4j.range.HmmPfn;

/** What {@code range_fault} requests of a page: the input bits of {@link HmmPfn}. */
public enum Request implements Word {
  /** Nothing: only report. */
  NONE("-", 0),
  /** {@link HmmPfn#REQ_FAULT}. */
  FAULT("f", HmmPfn.REQ_FAULT),
  /** {@link HmmPfn#REQ_WRITE} alone, which has no effect. */
  WRITE("w", HmmPfn.REQ_WRITE),
  /** Both. */
  FAULT_WRITE("fw", HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE);

  private final String word;
  private final long flags;

  Request(String word, long flags) {
    this.word = word;
    this.flags = flags;
  }

  @Override
  public String word() {
    return word;
  }

  /**
   * Returns the request as the engine takes it.
   *
   * @return bits of {@link HmmPfn}
   */
  public long flags() {
    return flags;
  }

  @Override
  public String toString() {
    return word;
  }
}

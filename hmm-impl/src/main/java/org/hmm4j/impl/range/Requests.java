// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.Arrays;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/**
 * What a range asks of each page, and where the answers go: {@code hmm_pfns} with {@code
 * default_flags} and {@code pfn_flags_mask}, mm/hmm.c, Linux 6.1. Answers overwrite requests, so an
 * entry is written only when its request is of no more use.
 */
final class Requests {

  private final long[] pfns;
  private final long start;
  private final int pageShift;
  private final long defaultFlags;
  private final long pfnFlagsMask;

  private Requests(HmmRange range, long defaultFlags, long pfnFlagsMask) {
    this.pfns = range.pfns();
    this.start = range.start();
    this.pageShift = range.pageShift();
    this.defaultFlags = defaultFlags;
    this.pfnFlagsMask = pfnFlagsMask;
  }

  /** Takes the requests as the range has them. */
  static Requests of(HmmRange range) {
    return new Requests(range, range.defaultFlags(), range.pfnFlagsMask());
  }

  /** Asks for nothing: a snapshot. */
  static Requests none(HmmRange range) {
    return new Requests(range, 0, 0);
  }

  long[] pfns() {
    return pfns;
  }

  long defaultFlags() {
    return defaultFlags;
  }

  long pfnFlagsMask() {
    return pfnFlagsMask;
  }

  int index(long address) {
    return (int) ((address - start) >>> pageShift);
  }

  /** Decides for one page: {@code hmm_pte_need_fault}. */
  int need(int index, long cpuFlags) {
    long request = (pfns[index] & pfnFlagsMask) | defaultFlags;
    if ((request & HmmPfn.REQ_FAULT) == 0) {
      return NeedFault.NONE;
    }
    if ((request & HmmPfn.REQ_WRITE) != 0 && (cpuFlags & HmmPfn.WRITE) == 0) {
      return NeedFault.ALL;
    }
    return (cpuFlags & HmmPfn.VALID) == 0 ? NeedFault.FAULT : NeedFault.NONE;
  }

  /** Decides for a block of pages with the same entry: {@code hmm_range_need_fault}. */
  int need(long address, long end, long cpuFlags) {
    if (((defaultFlags | pfnFlagsMask) & HmmPfn.REQ_FAULT) == 0) {
      return NeedFault.NONE;
    }
    int need = NeedFault.NONE;
    for (int i = index(address); i < index(end) && need != NeedFault.ALL; i++) {
      need |= need(i, cpuFlags);
    }
    return need;
  }

  /** Answers the same for a block: {@code hmm_pfns_fill}. */
  void fill(long address, long end, long answer) {
    Arrays.fill(pfns, index(address), index(end), answer);
  }

  /** Answers with consecutive page frames for a block that one large entry maps. */
  void fillConsecutive(long address, long end, long firstAnswer) {
    long answer = firstAnswer;
    for (int i = index(address); i < index(end); i++) {
      pfns[i] = answer++;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Sends faults away until they have come often enough, see {@link FaultInterceptor#rounds}. */
final class RoundsInterceptor implements FaultInterceptor {

  private final int rounds;
  private final int answer;

  /** The faults on each page since it was served last. */
  private final Map<Long, Integer> faults = new ConcurrentHashMap<>();

  RoundsInterceptor(int rounds, int answer) {
    if (rounds < 1) {
      throw new IllegalArgumentException("a fault takes at least one round, got " + rounds);
    }
    this.rounds = rounds;
    this.answer = answer;
  }

  @Override
  public int beforeFault(FakeVma vma, long address, int flags) {
    Integer left =
        faults.compute(
            vma.pageStart(address),
            (page, before) -> {
              int count = before == null ? 1 : before + 1;
              return count == rounds ? null : count;
            });
    return left == null ? 0 : answer;
  }
}

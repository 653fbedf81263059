// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Strands that are continuations of the JDK: a switch is some tens of nanoseconds and stays on one
 * thread, the one that {@linkplain #enter entered}. It runs whatever the strand that stopped named.
 */
final class ContinuationStrands implements Strands {

  /** Whom the thread that entered goes on with; null for itself. */
  private ContinuationStrand next;

  @Override
  public Strand create() {
    return new ContinuationStrand();
  }

  @Override
  public void enter(Strand first) {
    next = (ContinuationStrand) first;
    while (next != null) {
      ContinuationStrand now = next;
      next = null;
      JdkContinuations.run(now.continuation);
    }
  }

  @Override
  public void transfer(Strand from, Strand to) {
    next = (ContinuationStrand) to;
    JdkContinuations.yield();
  }

  @Override
  public void leave(Strand from) {
    next = null;
    JdkContinuations.yield();
  }

  @Override
  public void close() {
    next = null;
  }

  private static final class ContinuationStrand extends Strand {
    private final Object continuation = JdkContinuations.create(this::live);

    private void live() {
      while (true) {
        runWork();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * Makes strands and passes control between them: the context switch of kernel/sched/core.c. One
 * strand runs at a time, and what it wrote before a transfer is visible to the one that goes on.
 *
 * <p>A work ends by a {@link #transfer} to another strand, like everything else; when its strand is
 * transferred to again, that call returns, the work returns, and the strand runs the work that was
 * {@linkplain Strand#assign assigned} to it meanwhile.
 */
interface Strands extends AutoCloseable {

  /** Makes an idle strand. */
  Strand create();

  /**
   * Enters a strand from outside, and comes back when a strand {@linkplain #leave leaves}.
   *
   * @param first the strand to go on with
   * @throws IllegalStateException if the caller is interrupted meanwhile, where that can be heard;
   *     these strands are of no use any more then
   */
  void enter(Strand first);

  /**
   * Goes on with another strand; returns when somebody transfers back.
   *
   * @param from the strand of the caller
   * @param to another strand of this object
   */
  void transfer(Strand from, Strand to);

  /**
   * Goes on with the one who {@linkplain #enter entered}; returns when somebody transfers back.
   *
   * @param from the strand of the caller
   */
  void leave(Strand from);

  /** Gives up all strands; all of them are idle. */
  @Override
  void close();
}

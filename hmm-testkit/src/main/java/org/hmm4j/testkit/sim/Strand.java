// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * A stack that a task runs on: it stands still at a {@link Strands#transfer} until somebody
 * transfers back to it. Strands outlive tasks; each runs one work after the other.
 */
abstract class Strand {

  private Runnable work;

  /** Sets what runs when this strand, being idle, is transferred to. */
  final void assign(Runnable next) {
    work = next;
  }

  /** Runs what was assigned last. */
  final void runWork() {
    Runnable now = work;
    work = null;
    now.run();
  }
}

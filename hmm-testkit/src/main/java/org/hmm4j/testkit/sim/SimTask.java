// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Optional;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/** A task of a {@link SimMachine}. Only the strand that runs now touches any of them. */
final class SimTask extends Task {

  final SimMachine machine;
  final long bit;
  final Strand strand;
  final Runnable body;

  /** What it does when it goes on; null before its first step. */
  Step step;

  Object object;
  boolean started;
  boolean permit;
  boolean parked;
  boolean ended;

  /** When it wakes by itself; only while it is in the set of sleepers. */
  long deadline;

  /** Where it slept when nobody could go on; only while the machine probes. */
  Step sleptAt;

  Object sleptOn;
  int probeSteps;

  /** The steps it has done. */
  int steps;

  /** Who waits for its end. */
  long joiners;

  Throwable failure;

  SimTask(SimMachine machine, int id, String name, Strand strand, Runnable body) {
    super(id, name);
    this.machine = machine;
    this.bit = 1L << id;
    this.strand = strand;
    this.body = body;
  }

  @Override
  public void join() {
    machine.join(this);
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }
}

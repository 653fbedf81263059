// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Optional;
import org.hmm4j.machine.Task;

/** A thread of a {@link StopMachine}; its fields belong to the lock of the machine. */
final class CardTask extends Task {

  Thread thread;
  boolean permit;
  boolean parked;
  private volatile Throwable failure;

  CardTask(int id, String name) {
    super(id, name);
  }

  /** Whether it sleeps and nobody has woken it yet. */
  boolean isAsleep() {
    return parked && !permit;
  }

  void fail(Throwable thrown) {
    failure = thrown;
  }

  @Override
  public void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }
}

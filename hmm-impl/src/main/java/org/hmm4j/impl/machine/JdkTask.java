// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.machine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.hmm4j.machine.Task;

/**
 * A task that is a JDK thread.
 *
 * <p>The permit is a field of the task and not the one of {@link LockSupport}: that one is also
 * taken by every {@code java.util.concurrent} lock that the thread happens to wait for (a logger, a
 * condition), which would lose a wake-up, and given by every interrupt, which would make an
 * interrupted waiter spin.
 */
final class JdkTask extends Task {

  private static final VarHandle PERMIT;

  static {
    try {
      PERMIT = MethodHandles.lookup().findVarHandle(JdkTask.class, "permit", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Thread thread;
  private volatile boolean permit;
  private volatile Throwable failure;

  /** Makes the task of a foreign thread. */
  JdkTask(int id, Thread thread) {
    super(id, thread.getName());
    this.thread = thread;
  }

  /** Makes a task with a thread of its own, not yet started. */
  JdkTask(int id, String name, JdkMachine machine, Runnable body) {
    super(id, name);
    // Inherits no thread locals: a task starts clean, whoever spawns it.
    this.thread = new Thread(null, () -> machine.run(this, body), name, 0, false);
    thread.setDaemon(true);
  }

  Thread thread() {
    return thread;
  }

  void fail(Throwable thrown) {
    failure = thrown;
  }

  /**
   * Gives the permit; wakes the thread only if it had none, since one wake-up is then on its way.
   */
  void permit() {
    if (!(boolean) PERMIT.getAndSet(this, true)) {
      LockSupport.unpark(thread);
    }
  }

  /** Takes the permit if there is one. */
  boolean takePermit() {
    return permit && (boolean) PERMIT.getAndSet(this, false);
  }

  @Override
  public void join() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }
}

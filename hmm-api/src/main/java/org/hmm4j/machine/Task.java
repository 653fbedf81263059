// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.machine;

import java.util.Optional;

/**
 * A thread of execution of a {@link Machine}: the kernel's {@code task_struct}.
 *
 * <p>A machine subclasses this. The one {@linkplain #context() context slot} belongs to the kernel
 * layer, which keeps the held locks and the atomic depth of the task there.
 */
public abstract class Task {

  private final int id;
  private final String name;
  private Object context;

  /**
   * Makes a task.
   *
   * @param id unique within the machine
   * @param name what reports call it
   */
  protected Task(int id, String name) {
    this.id = id;
    this.name = name;
  }

  /**
   * Returns the number of this task, unique within its machine.
   *
   * @return the number
   */
  public final int id() {
    return id;
  }

  /**
   * Returns the name of this task.
   *
   * @return the name that {@link Machine#spawn} was given
   */
  public final String name() {
    return name;
  }

  /**
   * Waits until the task has ended. Context: may sleep. Returns at once for a task that has ended;
   * never returns for the calling task itself or for a foreign thread that lives on.
   */
  public abstract void join();

  /**
   * Returns what the body of the task threw.
   *
   * @return the exception that ended the task, or empty while it runs and after a normal end
   */
  public abstract Optional<Throwable> failure();

  /**
   * Returns what the kernel layer keeps about this task. Only the task itself reads and writes it.
   *
   * @return what {@link #context(Object)} was given last, or null
   */
  public final Object context() {
    return context;
  }

  /**
   * Sets what the kernel layer keeps about this task.
   *
   * @param context the state; the machine never looks at it
   */
  public final void context(Object context) {
    this.context = context;
  }

  @Override
  public final String toString() {
    return name + "/" + id;
  }
}

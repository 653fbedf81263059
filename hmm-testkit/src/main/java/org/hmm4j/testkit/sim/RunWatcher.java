// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/** Is told what happens in a run, in order. There is none on the search path. */
interface RunWatcher {

  /** A task was spawned; the parent is null for task 0. */
  void spawned(Task parent, Task child);

  /** A task does a step now. */
  void step(Task task, Step step, Object object);

  /** A task sleeps from now on. */
  void slept(Task task);

  /** A task that slept can go on; by is null if its time came. */
  void woken(Task by, Task task);

  /** A task has ended; thrown is null at a normal end. */
  void ended(Task task, Throwable thrown);

  /**
   * The run is over, although tasks are left. What is told after this is only the look for a missed
   * wake-up, and how the tasks are thrown out. May be told twice.
   */
  void over();
}

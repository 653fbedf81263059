// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.machine;

/**
 * What the kernel layer needs from the world below it: tasks, parking, time and places at which
 * another task may run.
 *
 * <p>A machine serves one {@link org.hmm4j.kernel.Kernel}. All methods may be called from any task;
 * a thread that the machine did not spawn becomes a task at its first call of {@link #current()}.
 *
 * <p>Parking works with one permit a task, like {@code schedule()} and {@code wake_up_process()}:
 * an {@link #unpark} that comes before the {@link #park} makes that park return at once, and a park
 * may return without reason. Callers loop over the condition they wait for.
 */
public interface Machine {

  /**
   * Returns the task that runs the caller.
   *
   * @return the calling task, always the same object for the same task
   */
  Task current();

  /**
   * Starts a task.
   *
   * @param name what reports call it
   * @param body what it runs; the task ends when this returns or throws
   * @return the started task
   */
  Task spawn(String name, Runnable body);

  /**
   * Blocks the calling task until it has a permit, takes the permit and returns; may also return
   * without one. Context: may sleep.
   */
  void park();

  /**
   * As {@link #park}, but returns at the latest when {@link #nanoTime()} has reached the deadline.
   *
   * @param deadlineNanos a value on the scale of {@link #nanoTime()}
   */
  void parkUntil(long deadlineNanos);

  /**
   * Gives a task its permit and lets it run if it is parked. Any context.
   *
   * @param task a task of this machine
   */
  void unpark(Task task);

  /**
   * Returns the monotonic time of this machine. Only differences mean anything.
   *
   * @return nanoseconds
   */
  long nanoTime();

  /**
   * Marks a place at which another task may run. On real threads this does nothing and costs
   * nothing; a deterministic machine chooses here which task goes on.
   *
   * @param step what the caller is about to do
   * @param object what it does it to: two steps on different objects can be swapped
   */
  void preemptionPoint(Step step, Object object);

  /**
   * Returns whether {@link #preemptionPoint} can switch tasks. Hot loops read this once and leave
   * the calls out when it is false.
   *
   * @return true on a machine that explores schedules
   */
  boolean explores();

  /**
   * Returns how often a task should look at a busy spin lock before it parks. Zero where looking
   * again can't help because only one task runs at a time.
   *
   * @return a number of turns, 0 or more
   */
  int spinLimit();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * What is run under many schedules: a set-up that spawns tasks, and what must hold at the end.
 *
 * <pre>{@code
 * Scenario twoWriters = world -> {
 *   Mutex lock = world.kernel().mutex("counter");
 *   int[] counter = {0};
 *   Runnable add = () -> {
 *     lock.lock();
 *     counter[0]++;
 *     lock.unlock();
 *   };
 *   world.spawn("a", add);
 *   world.spawn("b", add);
 *   world.atEnd(() -> assertEquals(2, counter[0]));
 * };
 * }</pre>
 *
 * <p>A scenario depends on nothing but its world: no real time, no randomness of its own, no
 * threads, nothing kept from one run to the next. Else a failure cannot be replayed, and that is
 * reported.
 */
@FunctionalInterface
public interface Scenario {

  /**
   * Sets up one run. Runs as task 0 of a fresh world, and ends the run when it throws. When it
   * returns, the world waits for all tasks, does what {@link SimWorld#atEnd} was given, and looks
   * for warnings and leaks.
   *
   * @param world the kernel and the tasks of this run
   * @throws Exception any exception fails the run
   */
  void run(SimWorld world) throws Exception;
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayDeque;
import org.hmm4j.kernel.KernelBug;

/**
 * What a task has to do as soon as it holds nothing and may sleep: {@code task_works},
 * kernel/task_work.c. Not shared.
 */
final class DeferredWork {

  private static final int USUAL_LENGTH = 4;

  private final ArrayDeque<Runnable> works = new ArrayDeque<>(USUAL_LENGTH);

  boolean isEmpty() {
    return works.isEmpty();
  }

  /** Adds a work, once however often it is asked for before it runs. */
  void add(Runnable work) {
    if (!works.contains(work)) {
      works.add(work);
    }
  }

  /**
   * Runs all works, also those that are added meanwhile.
   *
   * @throws KernelBug what the works threw, after all of them
   */
  void run() {
    Failures failures = new Failures();
    for (Runnable work = works.poll(); work != null; work = works.poll()) {
      try {
        work.run();
      } catch (KernelBug bug) {
        failures.add(bug);
      }
    }
    failures.throwIfAny();
  }
}

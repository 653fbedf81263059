// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;

/** A task beside the test. Every wait has a limit, so that a bug fails a test and hangs none. */
final class Background {

  private static final long LIMIT_SECONDS = 30;

  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Task task;
  private volatile Thread thread;

  private Background(Kernel kernel, String name, Runnable body) {
    task =
        kernel
            .machine()
            .spawn(
                name,
                () -> {
                  thread = Thread.currentThread();
                  started.countDown();
                  try {
                    body.run();
                  } finally {
                    done.countDown();
                  }
                });
  }

  static Background run(Bench bench, String name, Runnable body) {
    return new Background(bench.kernel, name, body);
  }

  /** Waits for a latch that another task opens. */
  static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS), "nobody opened the latch");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the task sleeps; fails if it comes to its end instead. */
  void awaitBlocked() {
    await(started);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (thread.getState() != Thread.State.WAITING) {
      assertTrue(done.getCount() > 0, () -> task + " did not wait, failure " + task.failure());
      assertTrue(System.nanoTime() < deadline, () -> task + " neither waits nor ends");
      Thread.onSpinWait();
    }
  }

  boolean isDone() {
    return done.getCount() == 0;
  }

  /** Waits for the end of the task and throws what it threw. */
  void join() {
    await(done);
    task.join();
    task.failure()
        .ifPresent(
            thrown -> {
              throw new AssertionError(task + " failed", thrown);
            });
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Barks when a search does not get on in real time: a task loops without a preemption point, so
 * that no budget of steps ends it. Logs where every thread is, and interrupts the searching
 * threads, which ends the search on platform threads; a continuation cannot be stopped from
 * outside.
 */
final class Watchdog {

  /** Far longer than any run within its budget takes, also on a busy computer. */
  static final long PATIENCE_SECONDS = 60;

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          body -> {
            Thread thread = new Thread(body, "hmm watchdog");
            thread.setDaemon(true);
            return thread;
          });

  private final LongSupplier progress;
  private final Runnable stop;

  /** What there was at the last look; only the timer's thread looks. */
  private long seen = -1;

  /**
   * Starts to watch.
   *
   * @param seconds how long nothing may happen
   * @param progress a number that grows
   * @param stop what to do then
   */
  Watchdog(long seconds, LongSupplier progress, Runnable stop) {
    this.progress = progress;
    this.stop = stop;
    timer.scheduleWithFixedDelay(this::look, seconds, seconds, TimeUnit.SECONDS);
  }

  private void look() {
    long now = progress.getAsLong();
    if (now == seen) {
      LOG.error(
          "the schedule after the first {} does not end: a task loops without a step?\n{}",
          now,
          stacks());
      stop.run();
    }
    seen = now;
  }

  private static String stacks() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> Thread.State.RUNNABLE == entry.getKey().getState())
        .map(Watchdog::text)
        .collect(Collectors.joining("\n"));
  }

  private static String text(Map.Entry<Thread, StackTraceElement[]> entry) {
    return entry.getKey().getName()
        + Arrays.stream(entry.getValue())
            .map(frame -> "\n    at " + frame)
            .collect(Collectors.joining());
  }

  void close() {
    timer.shutdownNow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Runs the schedules of a scheduler until one fails, on one or more threads. The result does not
 * depend on the number of threads: it is the failure of the lowest index.
 */
final class Search {

  /** A failure and the index of its schedule. */
  record Found(long index, Outcome outcome) {}

  private final Plan plan;
  private final SchedulerFactory factory;
  private final long seed;
  private final Slice slice;
  private final int jobs;
  private final LongConsumer progress;
  private final AtomicLong end;
  private final AtomicLong done = new AtomicLong();

  Search(
      Plan plan,
      SchedulerFactory factory,
      long seed,
      Slice slice,
      int jobs,
      LongConsumer progress) {
    this.plan = plan;
    this.factory = factory;
    this.seed = seed;
    this.slice = slice;
    this.jobs = factory.create(seed).inOrder() ? 1 : jobs;
    this.progress = progress;
    this.end = new AtomicLong(slice.end());
  }

  /** What one thread has done. */
  private static final class Tally {
    private final LongSet distinct = new LongSet();
    private long schedules;
    private long steps;
    private Found found;
  }

  /** Runs the search. */
  SearchResult run() {
    Stopwatch watch = new Stopwatch();
    Tally sum = new Tally();
    for (Tally tally : tallies()) {
      sum.schedules += tally.schedules;
      sum.steps += tally.steps;
      sum.distinct.addAll(tally.distinct);
      if (tally.found != null && (sum.found == null || tally.found.index < sum.found.index)) {
        sum.found = tally.found;
      }
    }
    Statistics statistics =
        new Statistics(sum.schedules, sum.steps, sum.distinct.size(), watch.nanos());
    return new SearchResult(statistics, sum.found);
  }

  private List<Tally> tallies() {
    if (jobs > 1) {
      return workers();
    }
    Thread self = Thread.currentThread();
    Watchdog dog = watch(self::interrupt);
    try {
      return List.of(work(0));
    } finally {
      dog.close();
    }
  }

  private Watchdog watch(Runnable stop) {
    return new Watchdog(Watchdog.PATIENCE_SECONDS, done::get, stop);
  }

  private List<Tally> workers() {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            jobs,
            body -> {
              Thread thread = new Thread(body, "hmm search");
              thread.setDaemon(true);
              return thread;
            });
    Watchdog dog = watch(pool::shutdownNow);
    try {
      List<Future<Tally>> futures = new ArrayList<>();
      for (int job = 0; job < jobs; job++) {
        int number = job;
        futures.add(pool.submit(() -> work(number)));
      }
      List<Tally> tallies = new ArrayList<>();
      for (Future<Tally> future : futures) {
        tallies.add(future.get());
      }
      return tallies;
    } catch (InterruptedException e) {
      end.set(0);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the search was interrupted", e);
    } catch (ExecutionException e) {
      end.set(0);
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("the search failed", e.getCause());
    } finally {
      dog.close();
      pool.shutdown();
    }
  }

  private Tally work(int job) {
    Tally tally = new Tally();
    Scheduler scheduler = factory.create(seed);
    try (Trial trial = new Trial(plan)) {
      if (scheduler.wantsPilot()) {
        learn(scheduler, trial);
      }
      long step = (long) slice.step() * jobs;
      for (long index = slice.first() + (long) slice.step() * job;
          index < end.get();
          index += step) {
        Outcome outcome;
        try {
          if (!scheduler.begin(index)) {
            break;
          }
          outcome = trial.run(scheduler);
        } catch (ScheduleDivergedException diverged) {
          outcome = diverged(trial, diverged);
        }
        tally.schedules++;
        tally.steps += trial.steps();
        tally.distinct.add(trial.footprint());
        progress.accept(done.incrementAndGet());
        if (outcome != null) {
          tally.found = new Found(index, outcome);
          long mine = index;
          end.getAndUpdate(now -> Math.min(now, mine));
        }
      }
    }
    return tally;
  }

  private static Outcome diverged(Trial trial, ScheduleDivergedException diverged) {
    return new Outcome(
        Verdict.NONDETERMINISM, diverged.getMessage(), null, trial.schedule(), trial.steps());
  }

  /** A pilot that fails teaches what it can: the search will find the failure by itself. */
  private void learn(Scheduler scheduler, Trial trial) {
    RandomWalk walk = new RandomWalk(seed);
    walk.begin(0);
    trial.run(walk);
    scheduler.learn(trial.pilot());
  }
}

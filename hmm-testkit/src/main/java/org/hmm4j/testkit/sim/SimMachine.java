// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/**
 * A machine that runs one task at a time and lets a {@link Scheduler} choose, at each preemption
 * point, which: the same choices give the same run, on every JDK and on every {@link Backend}.
 *
 * <p><b>Time</b> is virtual. It stands still while a task can go on; when none can, it jumps to the
 * earliest deadline of those that sleep.
 *
 * <p><b>What it shows.</b> Only sequentially consistent executions, and only switches at preemption
 * points. Code between two points is atomic here; races of plain memory accesses are for jcstress.
 *
 * <p><b>A run.</b> {@link #run} starts task 0 and returns when all tasks have ended, or when one
 * has thrown, or when none can go on, or when the budget of steps is used up. From half the budget
 * on the machine chooses round robin, whoever chose before: a run that does not end although
 * everybody gets his turn hangs, and not only because of the schedule.
 *
 * <p>Not thread-safe: one machine belongs to one thread. At most {@value #MAX_TASKS} tasks a run.
 */
public final class SimMachine implements Machine, AutoCloseable {

  /** The most tasks of one run, with the one that spawns them. */
  public static final int MAX_TASKS = 64;

  /** After so many steps a task that is being thrown out is thrown out again. */
  private static final int PATIENCE = 10_000;

  private final Strands strands;
  private final List<Strand> pool = new ArrayList<>();
  private final Dispatcher dispatcher = new Dispatcher();
  private final Footprint footprint = new Footprint();
  private RunWatcher watcher;
  private SimTask running;
  private int live;
  private boolean waitsForOthers;
  private boolean over;
  private int patience;
  private Ending ending;
  private SimTask culprit;

  /**
   * Makes a machine.
   *
   * @param backend what its tasks run on
   */
  public SimMachine(Backend backend) {
    strands = backend.strands();
  }

  /**
   * Runs a set-up as task 0, and all that it spawns.
   *
   * @param scheduler chooses who goes on; its {@link Scheduler#begin} has been called
   * @param budget after how many steps a run counts as hanging
   * @param observer is told of everything; null on the search path
   * @param setup the body of task 0
   * @return how it ended
   */
  Ending run(Scheduler scheduler, int budget, RunWatcher observer, Runnable setup) {
    if (running != null) {
      throw new IllegalStateException("this machine runs already: " + running);
    }
    dispatcher.begin(scheduler, budget, observer);
    watcher = observer;
    footprint.clear();
    live = 0;
    waitsForOthers = false;
    over = false;
    ending = Ending.COMPLETED;
    culprit = null;
    spawn("main", setup);
    running = dispatcher.task(0);
    strands.enter(running.strand);
    if (live > 0) {
      throwOut();
    }
    running = null;
    if (dispatcher.broken() != null) {
      throw dispatcher.broken();
    }
    return ending;
  }

  /** Ends all who have not ended, one after the other. */
  private void throwOut() {
    over = true;
    if (watcher != null) {
      watcher.over();
    }
    for (SimTask task : unended()) {
      if (task.started) {
        patience = PATIENCE;
        running = task;
        strands.enter(task.strand);
      }
    }
  }

  /** Returns the choices of the last run. */
  Schedule schedule() {
    return dispatcher.trail().schedule();
  }

  /** Returns how long the last run was. */
  Pilot pilot() {
    int[] byTask = new int[dispatcher.count()];
    Arrays.setAll(byTask, i -> dispatcher.task(i).steps);
    return new Pilot(dispatcher.steps(), byTask);
  }

  /** Returns a number for what the last run did, whatever the order of independent steps. */
  long footprint() {
    return footprint.value();
  }

  /** Returns the steps of the last run. */
  int steps() {
    return dispatcher.steps();
  }

  /** Returns the task whose exception ended the last run, or null. */
  SimTask culprit() {
    return culprit;
  }

  /** Returns the tasks of the last run that did not end by themselves, in order. */
  List<SimTask> unended() {
    return IntStream.range(0, dispatcher.count())
        .mapToObj(dispatcher::task)
        .filter(task -> !task.ended)
        .toList();
  }

  @Override
  public Task current() {
    return self();
  }

  private SimTask self() {
    SimTask self = running;
    if (self == null) {
      throw new IllegalStateException(
          "no task runs on this machine now: boot the kernel and use it inside of a run");
    }
    return self;
  }

  @Override
  public Task spawn(String name, Runnable body) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(body, "body");
    int id = dispatcher.count();
    if (id == MAX_TASKS) {
      throw new IllegalStateException("a run has at most " + MAX_TASKS + " tasks: " + name);
    }
    if (id == pool.size()) {
      pool.add(strands.create());
    }
    SimTask task = new SimTask(this, id, name, pool.get(id), body);
    task.strand.assign(() -> live(task));
    dispatcher.add(task);
    live++;
    if (watcher != null) {
      watcher.spawned(running, task);
    }
    return task;
  }

  private void live(SimTask task) {
    task.started = true;
    try {
      task.body.run();
    } catch (Throwable thrown) {
      task.failure = thrown;
    }
    if (over) {
      strands.leave(task.strand);
    } else {
      end(task);
    }
  }

  private void end(SimTask task) {
    task.ended = true;
    live--;
    dispatcher.remove(task);
    if (watcher != null) {
      watcher.ended(task, task.failure);
    }
    if (task.failure != null) {
      ending = Ending.THROWN;
      culprit = task;
    } else if (dispatcher.isProbing()) {
      ending = Ending.LOST;
      culprit = task;
    } else if (live > 0) {
      wakeJoiners(task);
      int next = dispatcher.decide(Dispatcher.NOBODY);
      if (next != Dispatcher.NOBODY) {
        running = dispatcher.task(next);
        strands.transfer(task.strand, running.strand);
        return;
      }
      ending = Ending.STUCK;
    }
    strands.leave(task.strand);
  }

  private void wakeJoiners(SimTask ended) {
    long joiners = ended.joiners | (live == 1 && waitsForOthers ? 1 : 0);
    for (long rest = joiners; rest != 0; rest &= rest - 1) {
      dispatcher.wake(ended, dispatcher.task(Long.numberOfTrailingZeros(rest)));
    }
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    SimTask self = self();
    Objects.requireNonNull(object, "object");
    if (over) {
      beThrownOut();
      return;
    }
    boolean known = self.step != null;
    self.step = step;
    self.object = object;
    if (!dispatcher.count(self)) {
      leave(self, Ending.BUDGET);
    }
    if (dispatcher.isProbing()) {
      probe(self);
    }
    // Who chose a task before its first step has chosen that step.
    if (known && dispatcher.isChoice(self)) {
      goOn(self, dispatcher.decide(self.id()));
    }
    footprint.add(self.id(), self.steps, object);
    if (watcher != null) {
      watcher.step(self, step, object);
    }
  }

  @Override
  public void park() {
    SimTask self = self();
    if (!self.permit) {
      mayNotWaitWhenOver();
      dispatcher.block(self);
      probe(self);
      goOn(self, dispatcher.decide(Dispatcher.NOBODY));
    }
    self.permit = false;
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    SimTask self = self();
    if (!self.permit && deadlineNanos - dispatcher.now() > 0) {
      mayNotWaitWhenOver();
      dispatcher.blockUntil(self, deadlineNanos);
      probe(self);
      goOn(self, dispatcher.decide(Dispatcher.NOBODY));
    }
    self.permit = false;
  }

  @Override
  public void unpark(Task task) {
    if (!(task instanceof SimTask sleeper) || sleeper.machine != this) {
      throw new IllegalArgumentException("not a task of this machine: " + task);
    }
    sleeper.permit = true;
    if (sleeper.parked) {
      dispatcher.wake(running, sleeper);
    }
  }

  /** Waits until a task has ended. */
  void join(SimTask target) {
    SimTask self = self();
    while (!target.ended) {
      target.joiners |= self.bit;
      await(self, target);
    }
  }

  /** Lets task 0 wait until all others have ended. */
  void awaitOthers() {
    SimTask self = self();
    while (live > 1) {
      waitsForOthers = true;
      await(self, "the other tasks");
    }
    waitsForOthers = false;
  }

  private void await(SimTask self, Object what) {
    mayNotWaitWhenOver();
    self.step = Step.WAIT;
    self.object = what;
    dispatcher.block(self);
    goOn(self, dispatcher.decide(Dispatcher.NOBODY));
  }

  private void probe(SimTask self) {
    if (dispatcher.hasMissedWakeup(self)) {
      culprit = self;
      leave(self, Ending.LOST);
    }
  }

  /** Passes control to whoever was chosen; comes back when it is the caller's turn. */
  private void goOn(SimTask self, int next) {
    if (next == self.id()) {
      return;
    }
    if (next == Dispatcher.NOBODY) {
      leave(self, Ending.STUCK);
    }
    SimTask other = dispatcher.task(next);
    running = other;
    strands.transfer(self.strand, other.strand);
    mayNotWaitWhenOver();
  }

  /** Ends the run from inside; comes back only to be thrown out. */
  private void leave(SimTask self, Ending how) {
    ending = how;
    strands.leave(self.strand);
    throw new GivenUp();
  }

  private void mayNotWaitWhenOver() {
    if (over) {
      throw new GivenUp();
    }
  }

  private void beThrownOut() {
    if (--patience < 0) {
      throw new GivenUp();
    }
  }

  @Override
  public long nanoTime() {
    return dispatcher.now();
  }

  @Override
  public boolean explores() {
    return true;
  }

  @Override
  public int spinLimit() {
    return 0;
  }

  @Override
  public void close() {
    strands.close();
    pool.clear();
  }

  @Override
  public String toString() {
    return "deterministic machine";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
  private final SimTask[] tasks = new SimTask[MAX_TASKS];
  private final Trail trail = new Trail();
  private final RoundRobin fair = new RoundRobin();
  private final Queue queue = new Queue();
  private Scheduler scheduler;
  private boolean everyStep;
  private RunWatcher watcher;
  private int budget;

  private int count;
  private int live;
  private long runnable;
  private long sleepers;
  private long now;
  private int steps;
  private int nextMark;
  private boolean waitsForOthers;
  private boolean over;
  private SimTask running;
  private Ending ending;
  private SimTask culprit;
  private RuntimeException broken;

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
   * @param chooser chooses who goes on; its {@link Scheduler#begin} has been called
   * @param stepBudget after how many steps a run counts as hanging
   * @param observer is told of everything; null on the search path
   * @param setup the body of task 0
   * @return how it ended
   */
  Ending run(Scheduler chooser, int stepBudget, RunWatcher observer, Runnable setup) {
    if (running != null) {
      throw new IllegalStateException("this machine runs already: " + running);
    }
    reset();
    scheduler = chooser;
    everyStep = chooser.seesEveryStep();
    watcher = observer;
    budget = stepBudget;
    nextMark = stepBudget / 2;
    spawn("main", setup);
    running = tasks[0];
    strands.enter(running.strand);
    if (live > 0) {
      throwOut();
    }
    running = null;
    if (broken != null) {
      throw broken;
    }
    return ending;
  }

  private void reset() {
    Arrays.fill(tasks, 0, count, null);
    count = 0;
    live = 0;
    runnable = 0;
    sleepers = 0;
    now = 0;
    steps = 0;
    waitsForOthers = false;
    over = false;
    ending = Ending.COMPLETED;
    culprit = null;
    broken = null;
    trail.clear();
  }

  /** Ends all who have not ended, one after the other. */
  private void throwOut() {
    over = true;
    for (int i = 0; i < count; i++) {
      if (tasks[i].started && !tasks[i].ended) {
        steps = 0;
        running = tasks[i];
        strands.enter(running.strand);
      }
    }
  }

  /** Returns the choices of the last run. */
  Schedule schedule() {
    return trail.schedule();
  }

  /** Returns how long the last run was. */
  Pilot pilot() {
    int[] byTask = new int[count];
    Arrays.setAll(byTask, i -> tasks[i].steps);
    return new Pilot(steps, byTask);
  }

  /** Returns the task whose exception ended the last run, or null. */
  SimTask culprit() {
    return culprit;
  }

  /** Returns the tasks of the last run that have not ended, in order. */
  List<SimTask> unended() {
    return Arrays.stream(tasks, 0, count).filter(task -> !task.ended).toList();
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
    if (count == MAX_TASKS) {
      throw new IllegalStateException("a run has at most " + MAX_TASKS + " tasks: " + name);
    }
    if (count == pool.size()) {
      pool.add(strands.create());
    }
    SimTask task = new SimTask(this, count, name, pool.get(count), body);
    task.strand.assign(() -> live(task));
    tasks[count++] = task;
    live++;
    runnable |= task.bit;
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
    end(task);
  }

  private void end(SimTask task) {
    if (!over) {
      task.ended = true;
      live--;
      runnable &= ~task.bit;
      if (watcher != null) {
        watcher.ended(task, task.failure);
      }
      if (task.failure != null) {
        ending = Ending.THROWN;
        culprit = task;
      } else if (live > 0) {
        wakeJoiners(task);
        int next = decide(-1);
        if (next >= 0) {
          running = tasks[next];
          strands.transfer(task.strand, running.strand);
          return;
        }
      }
    }
    strands.leave(task.strand);
  }

  private void wakeJoiners(SimTask ended) {
    long joiners = ended.joiners | (live == 1 && waitsForOthers ? 1 : 0);
    for (long rest = joiners; rest != 0; rest &= rest - 1) {
      wake(ended, tasks[Long.numberOfTrailingZeros(rest)]);
    }
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    SimTask self = self();
    if (over) {
      beThrownOut();
      return;
    }
    boolean known = self.step != null;
    self.step = step;
    self.object = object;
    steps++;
    self.steps++;
    if (steps >= nextMark) {
      passMark(self);
    }
    // Who chose a task before its first step has chosen that step.
    if (known && (runnable != self.bit || everyStep)) {
      int next = decide(self.id());
      if (next < 0) {
        leave(self);
      } else if (next != self.id()) {
        switchTo(self, next);
      }
    }
    if (watcher != null) {
      watcher.step(self, step, object);
    }
  }

  private void passMark(SimTask self) {
    if (steps >= budget) {
      ending = Ending.BUDGET;
      leave(self);
    }
    scheduler = fair;
    everyStep = false;
    fair.begin(0);
    nextMark = budget;
  }

  /**
   * Decides who goes on.
   *
   * @param from who ran and can go on, or -1
   * @return a task, or -1 if the run is over
   */
  private int decide(int from) {
    if (runnable == 0 && !wakeSleeper()) {
      ending = Ending.STUCK;
      return -1;
    }
    long set = runnable;
    boolean choice = (set & set - 1) != 0;
    if (!choice && !everyStep) {
      return Long.numberOfTrailingZeros(set);
    }
    int chosen;
    try {
      queue.running = from;
      chosen = scheduler.choose(queue);
      if (chosen < 0 || chosen >= MAX_TASKS || !Bits.has(set, chosen)) {
        throw new IllegalStateException(
            "%s chose task %d of %s".formatted(scheduler, chosen, Long.toBinaryString(set)));
      }
    } catch (RuntimeException thrown) {
      broken = thrown;
      return -1;
    }
    if (choice) {
      trail.add(chosen, set, from < 0 ? -1 : tasks[from].step.ordinal());
    }
    return chosen;
  }

  /** Lets the task sleeping longest towards its deadline go on. */
  private boolean wakeSleeper() {
    SimTask first = null;
    for (long rest = sleepers; rest != 0; rest &= rest - 1) {
      SimTask task = tasks[Long.numberOfTrailingZeros(rest)];
      if (first == null || task.deadline - first.deadline < 0) {
        first = task;
      }
    }
    if (first == null) {
      return false;
    }
    now = Math.max(now, first.deadline);
    wake(null, first);
    return true;
  }

  private void wake(SimTask by, SimTask task) {
    task.parked = false;
    runnable |= task.bit;
    sleepers &= ~task.bit;
    if (watcher != null) {
      watcher.woken(by, task);
    }
  }

  @Override
  public void park() {
    SimTask self = self();
    if (!self.permit) {
      sleep(self);
    }
    self.permit = false;
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    SimTask self = self();
    if (!self.permit && deadlineNanos - now > 0) {
      self.deadline = deadlineNanos;
      sleepers |= self.bit;
      sleep(self);
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
      wake(running, sleeper);
    }
  }

  /** Waits until a task has ended. */
  void join(SimTask target) {
    SimTask self = self();
    while (!target.ended) {
      target.joiners |= self.bit;
      self.step = Step.WAIT;
      self.object = target;
      sleep(self);
    }
  }

  /** Lets task 0 wait until all others have ended. */
  void awaitOthers() {
    SimTask self = self();
    while (live > 1) {
      waitsForOthers = true;
      self.step = Step.WAIT;
      self.object = "the other tasks";
      sleep(self);
    }
  }

  private void sleep(SimTask self) {
    if (over) {
      throw new GivenUp();
    }
    self.parked = true;
    runnable &= ~self.bit;
    if (watcher != null) {
      watcher.slept(self);
    }
    int next = decide(-1);
    if (next < 0) {
      leave(self);
    } else if (next == self.id()) {
      running = self;
    } else {
      switchTo(self, next);
    }
  }

  private void switchTo(SimTask self, int next) {
    SimTask other = tasks[next];
    running = other;
    strands.transfer(self.strand, other.strand);
    if (over) {
      throw new GivenUp();
    }
  }

  /** Ends the run from inside; comes back only to be thrown out. */
  private void leave(SimTask self) {
    strands.leave(self.strand);
    throw new GivenUp();
  }

  private void beThrownOut() {
    if (++steps > PATIENCE) {
      throw new GivenUp();
    }
  }

  @Override
  public long nanoTime() {
    return now;
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

  /** What the scheduler sees of this machine. */
  private final class Queue implements RunQueue {
    private int running;

    @Override
    public long runnable() {
      return runnable;
    }

    @Override
    public int running() {
      return running;
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public Step step(int task) {
      return tasks[task].step;
    }

    @Override
    public Object object(int task) {
      return tasks[task].object;
    }
  }
}

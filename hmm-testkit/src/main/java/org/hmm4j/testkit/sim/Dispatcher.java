// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;
import org.hmm4j.machine.Step;

/**
 * Knows who can go on and asks the scheduler who does: {@code __schedule} and the timer wheel of a
 * {@link SimMachine}. Switches nothing itself.
 */
final class Dispatcher {

  /** No task: nobody can go on, or the run is over. */
  static final int NOBODY = -1;

  /** More than a condition takes that is tested again. */
  private static final int PROBE_STEPS = 64;

  private final SimTask[] tasks = new SimTask[SimMachine.MAX_TASKS];
  private final Trail trail = new Trail();
  private final RoundRobin fair = new RoundRobin();
  private final View view = new View();
  private Scheduler scheduler;
  private boolean everyStep;
  private RunWatcher watcher;
  private int budget;
  private int count;
  private long runnable;
  private long sleepers;
  private long now;
  private int steps;
  private int nextMark;
  private boolean probing;
  private RuntimeException broken;

  /** Makes ready for a run without tasks. */
  void begin(Scheduler chooser, int stepBudget, RunWatcher observer) {
    scheduler = chooser;
    everyStep = chooser.seesEveryStep();
    watcher = observer;
    budget = stepBudget;
    nextMark = stepBudget / 2;
    Arrays.fill(tasks, 0, count, null);
    count = 0;
    runnable = 0;
    sleepers = 0;
    now = 0;
    steps = 0;
    probing = false;
    broken = null;
    trail.clear();
  }

  void add(SimTask task) {
    tasks[count++] = task;
    runnable |= task.bit;
  }

  boolean isProbing() {
    return probing;
  }

  int count() {
    return count;
  }

  SimTask task(int id) {
    return tasks[id];
  }

  Trail trail() {
    return trail;
  }

  int steps() {
    return steps;
  }

  long now() {
    return now;
  }

  /** Returns what the scheduler threw, or null. */
  RuntimeException broken() {
    return broken;
  }

  /** Takes a task out that has ended. */
  void remove(SimTask task) {
    runnable &= ~task.bit;
  }

  /** Takes a task out until it is woken. */
  void block(SimTask task) {
    task.parked = true;
    runnable &= ~task.bit;
    if (watcher != null) {
      watcher.slept(task);
    }
  }

  /** As {@link #block}, until it is woken or the time has come. */
  void blockUntil(SimTask task, long deadline) {
    task.deadline = deadline;
    sleepers |= task.bit;
    block(task);
  }

  /** Lets a task go on that was blocked; by is null if its time has come. */
  void wake(SimTask by, SimTask task) {
    task.parked = false;
    runnable |= task.bit;
    sleepers &= ~task.bit;
    if (watcher != null) {
      watcher.woken(by, task);
    }
  }

  /** Counts a step. Returns false if that was the last of the budget. */
  boolean count(SimTask task) {
    task.steps++;
    return ++steps < nextMark || passMark();
  }

  private boolean passMark() {
    if (steps >= budget) {
      return false;
    }
    scheduler = fair;
    everyStep = false;
    fair.begin(0);
    nextMark = budget;
    return true;
  }

  /** Returns whether there is something to decide where a task could go on. */
  boolean isChoice(SimTask task) {
    return runnable != task.bit || everyStep;
  }

  /**
   * Decides who goes on; lets time jump if nobody can.
   *
   * @param from who ran and can go on, or {@link #NOBODY}
   * @return a task, or {@link #NOBODY} if none can go on or the scheduler failed
   */
  int decide(int from) {
    if (runnable == 0 && !wakeSleepers() && !probe()) {
      return NOBODY;
    }
    long set = runnable;
    boolean choice = (set & set - 1) != 0;
    if (probing || !choice && !everyStep) {
      return Long.numberOfTrailingZeros(set);
    }
    int chosen;
    try {
      view.running = from;
      chosen = scheduler.choose(view);
      if (chosen < 0 || chosen >= SimMachine.MAX_TASKS || !Bits.has(set, chosen)) {
        throw new IllegalStateException(
            "%s chose task %d, but only these bits can go on: %s"
                .formatted(scheduler, chosen, Long.toBinaryString(set)));
      }
    } catch (RuntimeException thrown) {
      broken = thrown;
      return NOBODY;
    }
    if (choice) {
      trail.add(chosen, set, from < 0 ? from : tasks[from].step.ordinal());
    }
    return chosen;
  }

  /** Makes it the time at which the first sleeper wakes, and wakes all whose time has come. */
  private boolean wakeSleepers() {
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
    for (long rest = sleepers; rest != 0; rest &= rest - 1) {
      SimTask task = tasks[Long.numberOfTrailingZeros(rest)];
      if (task.deadline - now <= 0) {
        wake(null, task);
      }
    }
    return true;
  }

  /** Wakes, once, all who sleep: the one who can go on now has missed a wake-up. */
  private boolean probe() {
    if (probing) {
      return false;
    }
    probing = true;
    if (watcher != null) {
      watcher.over();
    }
    for (int i = 0; i < count; i++) {
      SimTask task = tasks[i];
      if (task.parked) {
        task.sleptAt = task.step;
        task.sleptOn = task.object;
        wake(null, task);
      }
    }
    return true;
  }

  /** Returns whether a task that was woken without reason does something else now than sleep. */
  boolean hasMissedWakeup(SimTask task) {
    return probing
        && (++task.probeSteps > PROBE_STEPS
            || task.parked && (task.step != task.sleptAt || task.object != task.sleptOn));
  }

  /** What the scheduler sees. */
  private final class View implements RunQueue {
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
    public int steps(int task) {
      return tasks[task].steps;
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

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.stream.Collectors;

/** Runs a scenario under one schedule after the other. Belongs to one thread. */
final class Trial implements AutoCloseable {

  private final Plan plan;
  private final SimMachine machine;

  Trial(Plan plan) {
    this.plan = plan;
    this.machine = new SimMachine(plan.backend());
  }

  /** Runs a schedule as fast as can be; returns null if nothing is wrong. */
  Outcome run(Scheduler scheduler) {
    return run(scheduler, null);
  }

  /** Runs a schedule and tells a watcher. */
  Outcome run(Scheduler scheduler, RunWatcher watcher) {
    Ending ending =
        machine.run(
            scheduler,
            plan.budget(),
            watcher,
            () -> {
              SimWorld world = new SimWorld(machine, plan.provider(), plan.options());
              try {
                plan.scenario().run(world);
              } catch (Exception thrown) {
                throw Trial.<RuntimeException>unchanged(thrown);
              }
              world.finish();
            });
    return ending == Ending.COMPLETED ? null : outcome(ending);
  }

  /** Runs the choices of an earlier run; they need not lead to the same end. */
  Outcome replay(Schedule schedule) {
    return replay(schedule, null);
  }

  Outcome replay(Schedule schedule, RunWatcher watcher) {
    Replay replay = new Replay(schedule);
    replay.begin(0);
    return run(replay, watcher);
  }

  private Outcome outcome(Ending ending) {
    return switch (ending) {
      case THROWN -> {
        Throwable thrown = machine.culprit().failure;
        String message = "task " + machine.culprit() + " threw " + thrown;
        yield outcome(Verdict.of(thrown), message, thrown);
      }
      case STUCK -> outcome(Verdict.DEADLOCK, "no task can go on: " + waits(), null);
      case LOST -> outcome(Verdict.LOST_WAKEUP, lost(), null);
      default -> outcome(Verdict.LIVELOCK, plan.budget() + " steps and no end: " + waits(), null);
    };
  }

  private Outcome outcome(Verdict verdict, String message, Throwable thrown) {
    return new Outcome(verdict, message, thrown, machine.schedule(), machine.steps());
  }

  private String lost() {
    SimTask task = machine.culprit();
    return "nobody wakes task %s, which could go on: it sleeps at %s of %s"
        .formatted(task, task.sleptAt, new ObjectNames().of(task.sleptOn));
  }

  private String waits() {
    ObjectNames names = new ObjectNames();
    return machine.unended().stream()
        .filter(task -> task.object != null)
        .map(task -> "%s at %s of %s".formatted(task, task.step, names.of(task.object)))
        .collect(Collectors.joining("; "));
  }

  Pilot pilot() {
    return machine.pilot();
  }

  Schedule schedule() {
    return machine.schedule();
  }

  int steps() {
    return machine.steps();
  }

  long footprint() {
    return machine.footprint();
  }

  @Override
  public void close() {
    machine.close();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchanged(Throwable thrown) throws T {
    throw (T) thrown;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/**
 * A toy machine on which one task runs at a time: at each preemption point, and when a task parks
 * or ends, a seeded generator says who goes on. The thread that made it is its first task. It shows
 * that the primitives block through the port only: a task that blocked otherwise would keep its
 * turn for ever.
 */
final class TurnMachine implements Machine {

  private final Random random;
  private final boolean preempts;
  private final List<TurnTask> tasks = new ArrayList<>();
  private final StringBuilder trace = new StringBuilder();
  private TurnTask running;
  private long now;
  private String deadlock;

  /** Makes a machine that may switch tasks at each preemption point. */
  TurnMachine(long seed) {
    this(seed, true);
  }

  /**
   * Makes a machine.
   *
   * @param preempts false to let a task run until it parks or ends
   */
  TurnMachine(long seed, boolean preempts) {
    this.random = new Random(seed);
    this.preempts = preempts;
    this.running = new TurnTask("boot");
  }

  /** Returns what happened, in order. */
  String trace() {
    return trace.toString();
  }

  @Override
  public Task current() {
    return running;
  }

  @Override
  public Task spawn(String name, Runnable body) {
    TurnTask task = new TurnTask(name);
    Thread thread = new Thread(() -> task.live(body), name);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  @Override
  public void park() {
    parkUntil(Long.MAX_VALUE);
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    TurnTask self = running;
    self.parked = true;
    self.deadline = deadlineNanos;
    pass(self);
    self.parked = false;
    self.permit = false;
  }

  @Override
  public void unpark(Task task) {
    ((TurnTask) task).permit = true;
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    trace.append(running.id()).append(step.name().charAt(0)).append(' ');
    if (preempts) {
      pass(running);
    }
  }

  @Override
  public boolean explores() {
    return true;
  }

  @Override
  public int spinLimit() {
    return 0;
  }

  /** Gives the turn to somebody and waits until it comes back. */
  private void pass(TurnTask self) {
    TurnTask next = choose();
    if (next != self) {
      running = next;
      next.turn.release();
      if (!self.done) {
        self.turn.acquireUninterruptibly();
      }
    }
    if (deadlock != null) {
      throw new AssertionError(deadlock);
    }
  }

  private TurnTask choose() {
    List<TurnTask> ready = tasks.stream().filter(TurnTask::isReady).toList();
    if (ready.isEmpty()) {
      // Nobody can go on before the next deadline.
      now = tasks.stream().filter(t -> t.parked).mapToLong(t -> t.deadline).min().orElse(now);
      ready = tasks.stream().filter(TurnTask::isReady).toList();
    }
    if (now == Long.MAX_VALUE) {
      deadlock = "everybody waits: " + tasks;
      return tasks.get(0);
    }
    return ready.get(random.nextInt(ready.size()));
  }

  private final class TurnTask extends Task {
    private final Semaphore turn = new Semaphore(0);
    private boolean permit;
    private boolean parked;
    private long deadline;
    private boolean done;
    private TurnTask awaited;
    private Throwable failure;

    TurnTask(String name) {
      super(tasks.size(), name);
      tasks.add(this);
    }

    @Override
    public void join() {
      TurnTask self = running;
      self.awaited = this;
      pass(self);
      self.awaited = null;
    }

    @Override
    public Optional<Throwable> failure() {
      return Optional.ofNullable(failure);
    }

    private boolean isReady() {
      boolean waits = parked && !permit && deadline > now || awaited != null && !awaited.done;
      return !done && !waits;
    }

    private void live(Runnable body) {
      turn.acquireUninterruptibly();
      try {
        body.run();
      } catch (Throwable thrown) {
        failure = thrown;
      }
      done = true;
      pass(this);
    }
  }
}

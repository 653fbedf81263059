// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.machine;

import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;

/**
 * A machine of real JDK threads: what kernel/sched/core.c is to the kernel. Spawned tasks are
 * daemon threads; any other thread becomes a task when it first calls in.
 *
 * <p><b>Interrupts.</b> The engine waits uninterruptibly, like a kernel task in state D. An
 * interrupt neither ends a wait nor is it lost: the flag is off while the thread is parked, so that
 * {@link LockSupport#park} really blocks, and is set again before {@link #park} returns.
 */
public final class JdkMachine implements Machine {

  /** About the time of a short critical section; longer waits are cheaper parked. */
  private static final int SPINS = 64;

  private final AtomicInteger ids = new AtomicInteger();

  // Weak, because a thread outlives many machines: a task leads to its kernel and from there back
  // to
  // this thread local, and such an entry would never be cleared.
  private final ThreadLocal<WeakReference<JdkTask>> current = new ThreadLocal<>();

  /** Keeps the tasks of living threads reachable. */
  private final Set<JdkTask> tasks = ConcurrentHashMap.newKeySet();

  private final int spinLimit = Runtime.getRuntime().availableProcessors() > 1 ? SPINS : 0;

  /** Makes a machine without tasks. */
  public JdkMachine() {}

  @Override
  public Task current() {
    return running();
  }

  @Override
  public Task spawn(String name, Runnable body) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(body, "body");
    JdkTask task = new JdkTask(ids.incrementAndGet(), name, this, body);
    task.thread().start();
    return task;
  }

  @Override
  public void park() {
    JdkTask self = running();
    boolean interrupted = false;
    while (!self.takePermit()) {
      interrupted |= Thread.interrupted();
      LockSupport.park(this);
    }
    restore(interrupted);
  }

  @Override
  public void parkUntil(long deadlineNanos) {
    JdkTask self = running();
    boolean interrupted = false;
    while (!self.takePermit()) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0) {
        break;
      }
      interrupted |= Thread.interrupted();
      LockSupport.parkNanos(this, left);
    }
    restore(interrupted);
  }

  @Override
  public void unpark(Task task) {
    if (!(task instanceof JdkTask jdk)) {
      throw new IllegalArgumentException("not a task of this machine: " + task);
    }
    jdk.permit();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void preemptionPoint(Step step, Object object) {
    // The operating system preempts where it likes.
  }

  @Override
  public boolean explores() {
    return false;
  }

  @Override
  public int spinLimit() {
    return spinLimit;
  }

  /** The life of a spawned task, on its own thread. */
  void run(JdkTask task, Runnable body) {
    register(task);
    try {
      body.run();
    } catch (Throwable thrown) {
      task.fail(thrown);
    } finally {
      tasks.remove(task);
    }
  }

  private JdkTask running() {
    WeakReference<JdkTask> reference = current.get();
    JdkTask task = reference == null ? null : reference.get();
    return task == null ? adopt() : task;
  }

  private JdkTask adopt() {
    tasks.removeIf(task -> !task.thread().isAlive());
    JdkTask task = new JdkTask(ids.incrementAndGet(), Thread.currentThread());
    register(task);
    return task;
  }

  private void register(JdkTask task) {
    tasks.add(task);
    current.set(new WeakReference<>(task));
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

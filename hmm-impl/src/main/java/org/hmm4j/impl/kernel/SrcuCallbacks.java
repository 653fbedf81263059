// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Step;
import org.jctools.queues.atomic.MpscLinkedAtomicQueue;

/**
 * The callbacks of an SRCU domain that wait for their grace period: {@code srcu_invoke_callbacks},
 * kernel/rcu/srcutree.c. There is no worker thread: whoever {@linkplain #run runs} this runs what
 * is ready, one callback at a time and in order.
 */
final class SrcuCallbacks implements Runnable {

  private final Tasks tasks;
  private final EpochSrcu domain;
  private final String what;

  /** Many tasks add; only the task that brought {@link #requests} from 0 to 1 takes. */
  private final MpscLinkedAtomicQueue<Pending> queue = new MpscLinkedAtomicQueue<>();

  /** Calls of {@link #run} since the runner last looked at the queue; 0 if there is no runner. */
  private final AtomicInteger requests = new AtomicInteger();

  SrcuCallbacks(Tasks tasks, EpochSrcu domain) {
    this.tasks = tasks;
    this.domain = domain;
    this.what = "callback of " + domain;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Adds a callback that is ready once all epochs up to this one have no open section. */
  void add(Runnable callback, long lastEpoch) {
    queue.add(new Pending(callback, lastEpoch));
  }

  /**
   * Runs the callbacks that are ready, or has the task that is at it look once more.
   *
   * @throws KernelBug what callbacks threw, after all that are ready have run
   */
  @Override
  public void run() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    TaskContext runner = tasks.current();
    Failures failures = new Failures();
    int seen = 1;
    while (seen != 0) {
      runReady(runner, failures);
      seen = requests.addAndGet(-seen);
    }
    failures.throwIfAny();
  }

  private void runReady(TaskContext runner, Failures failures) {
    // The relaxed forms don't spin for a producer that was preempted in the middle of adding: it
    // calls run() when it has added.
    for (Pending head = queue.relaxedPeek();
        head != null && domain.isOver(head.lastEpoch);
        head = queue.relaxedPeek()) {
      queue.relaxedPoll();
      tasks.step(Step.CALLBACK, domain);
      KernelBug bug = runner.interrupt(what, head.callback);
      if (bug != null) {
        failures.add(bug);
      }
    }
  }

  private record Pending(Runnable callback, long lastEpoch) {}
}

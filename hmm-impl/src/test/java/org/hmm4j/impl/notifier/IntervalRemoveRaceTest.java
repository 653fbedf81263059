// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Card X08: a remove that looks at the sequence while the end has not carried it out yet. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalRemoveRaceTest {

  private static final long PAGE = 0x1000;

  /** Insertions that the end has to carry out before the removal: the window of the race. */
  private static final int PUT_OFF = 50_000;

  private static final int ROUNDS = 5;

  @Test
  void N218_x08_removeTestsTheSequenceUnderTheLock() {
    StoppingMachine machine = new StoppingMachine();
    Bench bench = new Bench(machine);
    for (int round = 0; round < ROUNDS; round++) {
      IntervalNotifier sub = bench.insert(new IntervalRecorder(bench, "sub"), PAGE, PAGE);
      MmuNotifierRange range = bench.start(PAGE, 2 * PAGE);
      long odd = bench.intervals().sequence();
      CountDownLatch waits = new CountDownLatch(1);
      machine.before(
          Step.WAIT,
          () -> {
            waits.countDown();
            while (bench.intervals().sequence() == odd) {
              Thread.onSpinWait();
            }
          });
      Background remove =
          Background.run(
              bench,
              "remove",
              () -> {
                machine.stopHere();
                sub.remove();
                assertFalse(sub.node().isLinked(), "removed, but the core still has it");
              });
      Background.await(waits);
      List<IntervalNotifier> late = new ArrayList<>();
      for (int i = 0; i < PUT_OFF; i++) {
        late.add(bench.insert(new IntervalRecorder(bench, "late"), 9 * PAGE, PAGE));
      }

      bench.end(range);

      remove.join();
      late.forEach(IntervalNotifier::remove);
      assertEquals(1, bench.mm.mmCount());
    }
    bench.close();
  }

  /** Real threads, with an action before certain steps of a task that asked for it. */
  private static final class StoppingMachine implements Machine {
    private final JdkMachine threads = new JdkMachine();
    private volatile Step where;
    private volatile Runnable action;
    private volatile Task stopping;

    void before(Step step, Runnable action) {
      this.action = action;
      where = step;
    }

    void stopHere() {
      stopping = current();
    }

    @Override
    public void preemptionPoint(Step step, Object object) {
      if (step == where && current() == stopping) {
        stopping = null;
        action.run();
      }
    }

    @Override
    public boolean explores() {
      return true;
    }

    @Override
    public Task current() {
      return threads.current();
    }

    @Override
    public Task spawn(String name, Runnable body) {
      return threads.spawn(name, body);
    }

    @Override
    public void park() {
      threads.park();
    }

    @Override
    public void parkUntil(long deadlineNanos) {
      threads.parkUntil(deadlineNanos);
    }

    @Override
    public void unpark(Task task) {
      threads.unpark(task);
    }

    @Override
    public long nanoTime() {
      return threads.nanoTime();
    }

    @Override
    public int spinLimit() {
      return threads.spinLimit();
    }
  }
}

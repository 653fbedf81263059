// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same primitives on another machine: they reach threads and time through the port only. */
@Timeout(120)
class OnePortTest {

  private static final int SEEDS = 200;

  @Test
  void K010_locksExclude() {
    explore(
        kernel -> {
          SpinLock spin = kernel.spinLock("spin");
          Mutex mutex = kernel.mutex("mutex");
          RwSemaphore rwsem = kernel.rwSemaphore("rwsem");
          int[] inside = new int[3];
          return List.of(
              () -> {
                spin.lock();
                exclusively(kernel, inside, 0);
                spin.unlock();
                rwsem.writeLock();
                exclusively(kernel, inside, 2);
                rwsem.downgradeWrite();
                rwsem.readUnlock();
              },
              () -> {
                mutex.lock();
                exclusively(kernel, inside, 1);
                long flags = spin.lockIrqsave();
                exclusively(kernel, inside, 0);
                spin.unlockIrqrestore(flags);
                mutex.unlock();
                rwsem.readLock();
                assertEquals(0, inside[2]);
                rwsem.readUnlock();
              },
              () -> {
                rwsem.writeLock();
                exclusively(kernel, inside, 2);
                rwsem.writeUnlock();
                if (mutex.tryLock()) {
                  exclusively(kernel, inside, 1);
                  mutex.unlock();
                }
                mutex.lock();
                exclusively(kernel, inside, 1);
                mutex.unlock();
              });
        });
  }

  @Test
  void waitersGoOn() {
    explore(
        kernel -> {
          WaitQueue queue = kernel.waitQueue("queue");
          Completion done = kernel.completion("done");
          boolean[] flag = new boolean[1];
          int[] released = new int[1];
          Kref kref = kernel.kref("kref", () -> released[0]++);
          kref.get();
          return List.of(
              () -> {
                queue.waitEvent(() -> flag[0]);
                done.complete();
                kref.put();
              },
              () -> {
                assertTrue(queue.waitEventTimeout(() -> flag[0], Long.MAX_VALUE));
                assertFalse(queue.waitEventTimeout(() -> false, 10));
                done.waitFor();
                kref.put();
              },
              () -> {
                flag[0] = true;
                queue.wakeAll();
                done.waitFor();
                done.complete();
              },
              () -> {
                done.complete();
                assertFalse(kref.getUnlessZero() && kref.put() && released[0] != 1);
              });
        });
  }

  @Test
  void K034_gracePeriodsWaitForTheirSectionsOnly() {
    explore(
        kernel -> {
          Srcu srcu = kernel.srcu("srcu");
          Completion synced = kernel.completion("synced");
          boolean[] freed = new boolean[2];
          boolean[] unpublished = new boolean[2];
          Runnable reader =
              () -> {
                for (int i = 0; i < 2; i++) {
                  int index = srcu.readLock();
                  boolean[] seen = unpublished.clone();
                  kernel.machine().preemptionPoint(Step.WALK, srcu);
                  for (int object = 0; object < 2; object++) {
                    assertFalse(!seen[object] && freed[object]);
                  }
                  srcu.readUnlock(index);
                }
              };
          return List.of(
              reader,
              reader,
              () -> {
                unpublished[0] = true;
                srcu.synchronize();
                freed[0] = true;
                // Opened after the grace period began elsewhere or before: must not hang either.
                int index = srcu.readLock();
                synced.complete();
                srcu.readUnlock(index);
              },
              () -> {
                Mutex mutex = kernel.mutex("mutex");
                mutex.lock();
                unpublished[1] = true;
                srcu.call(() -> freed[1] = true);
                srcu.barrier();
                assertTrue(freed[1]);
                mutex.unlock();
                synced.waitFor();
              });
        });
  }

  @Test
  void K035_laterSectionMayWaitForTheGracePeriod() {
    explore(
        kernel -> {
          Srcu srcu = kernel.srcu("srcu");
          Completion early = kernel.completion("early");
          Completion called = kernel.completion("called");
          Completion late = kernel.completion("late");
          boolean[] ran = new boolean[1];
          return List.of(
              () -> {
                int index = srcu.readLock();
                early.complete();
                late.waitFor();
                assertFalse(ran[0]);
                srcu.readUnlock(index);
              },
              () -> {
                early.waitFor();
                srcu.call(() -> ran[0] = true);
                called.complete();
                srcu.barrier();
              },
              () -> {
                called.waitFor();
                // Would hang if the grace period waited for this section.
                int index = srcu.readLock();
                late.complete();
                kernel.waitQueue("ran").waitEventTimeout(() -> ran[0], 1_000);
                assertTrue(ran[0]);
                srcu.readUnlock(index);
              });
        });
  }

  @Test
  void K005_aSeedGivesTheSameRunAgain() {
    Set<String> traces = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      String trace = contend(seed);
      assertEquals(trace, contend(seed), "seed " + seed);
      traces.add(trace);
    }
    assertNotEquals(1, traces.size());
  }

  @Test
  void K021_wokenWaiterIsOvertakenOnceAtMost() {
    TurnMachine machine = new TurnMachine(1, false);
    Kernel kernel = new BootedKernel(KernelOptions.defaults().machine(machine));
    Mutex mutex = kernel.mutex("mutex");
    mutex.lock();
    Task waiter =
        kernel
            .machine()
            .spawn(
                "waiter",
                () -> {
                  mutex.lock();
                  mutex.unlock();
                });
    letOthersRun(machine);
    mutex.unlock();
    assertTrue(mutex.tryLock(), "the waiter is awake but does not run yet");
    letOthersRun(machine);
    mutex.unlock();
    assertFalse(mutex.tryLock(), "now it was handed over");
    join(waiter);
    assertTrue(mutex.tryLock());
    mutex.unlock();
  }

  @Test
  void aDeadlockIsSeenByTheMachine() {
    TurnMachine machine = new TurnMachine(1);
    Kernel kernel = new BootedKernel(KernelOptions.defaults().machine(machine));
    Mutex mutex = kernel.mutex("mutex");
    mutex.lock();
    Task task = kernel.machine().spawn("stuck", mutex::lock);
    AssertionError error = assertThrows(AssertionError.class, task::join);
    assertTrue(error.getMessage().contains("stuck"), error.getMessage());
  }

  private static String contend(long seed) {
    TurnMachine machine = new TurnMachine(seed);
    Kernel kernel = new BootedKernel(KernelOptions.defaults().machine(machine));
    SpinLock spin = kernel.spinLock("spin");
    Srcu srcu = kernel.srcu("srcu");
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tasks.add(
          kernel
              .machine()
              .spawn(
                  "task " + i,
                  () -> {
                    spin.lock();
                    srcu.call(() -> {});
                    spin.unlock();
                    srcu.synchronize();
                  }));
    }
    tasks.forEach(OnePortTest::join);
    return machine.trace();
  }

  /** Runs a scenario under many schedules. */
  private static void explore(Function<Kernel, List<Runnable>> scenario) {
    for (long seed = 0; seed < SEEDS; seed++) {
      TurnMachine machine = new TurnMachine(seed);
      Kernel kernel = new BootedKernel(KernelOptions.defaults().machine(machine));
      List<Task> tasks = new ArrayList<>();
      for (Runnable body : scenario.apply(kernel)) {
        tasks.add(kernel.machine().spawn("task " + tasks.size(), body));
      }
      try {
        tasks.forEach(OnePortTest::join);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + machine.trace(), e);
      }
      assertEquals(List.of(), kernel.warnings());
    }
  }

  private static void letOthersRun(TurnMachine machine) {
    machine.parkUntil(machine.nanoTime() + 1);
  }

  private static void join(Task task) {
    task.join();
    task.failure()
        .ifPresent(
            failure -> {
              throw new AssertionError(task + " failed", failure);
            });
  }

  private static void exclusively(Kernel kernel, int[] inside, int which) {
    assertEquals(1, ++inside[which]);
    kernel.machine().preemptionPoint(Step.WALK, inside);
    assertEquals(0, --inside[which]);
  }
}

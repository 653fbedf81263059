// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The deterministic machine: parking, time, ends of all kinds. The same on each back end. */
final class SimMachineTest {

  private static final int BUDGET = 2_000;

  /** A test on both back ends; that on continuations shows as skipped where there are none. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @EnumSource(Backend.class)
  private @interface OnEachBackend {}

  private static SimMachine machine(Backend backend) {
    assumeTrue(backend.isUsable(), () -> "no continuations: " + JdkContinuations.missing());
    return new SimMachine(backend);
  }

  private static Ending run(SimMachine machine, long seed, Consumer<SimMachine> program) {
    RandomWalk walk = new RandomWalk(seed);
    walk.begin(0);
    return machine.run(walk, BUDGET, null, () -> program.accept(machine));
  }

  /** Runs a program with many seeds, all of which must end well. */
  private static void runMany(Backend backend, Consumer<SimMachine> program) {
    try (SimMachine machine = machine(backend)) {
      for (int seed = 0; seed < 200; seed++) {
        Ending ending = run(machine, seed, program);
        assertNull(machine.culprit(), () -> "" + machine.culprit().failure);
        assertEquals(Ending.COMPLETED, ending, "seed " + seed);
      }
    }
  }

  private static void step(SimMachine machine, int times) {
    for (int i = 0; i < times; i++) {
      machine.preemptionPoint(Step.LOCK, machine);
    }
  }

  /** Waits for something that never comes. */
  private static void parkForEver(SimMachine machine) {
    while (true) {
      machine.park();
    }
  }

  @OnEachBackend
  void sleeperWhoseConditionHoldsHasMissedItsWakeup(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      boolean[] flag = new boolean[1];
      Ending ending =
          run(
              machine,
              1,
              ignored -> {
                machine.spawn("stuck", () -> parkForEver(machine));
                machine.spawn(
                    "lost",
                    () -> {
                      while (!flag[0]) {
                        machine.park();
                      }
                    });
                machine.spawn(
                    "forgets to wake",
                    () -> {
                      machine.parkUntil(1);
                      flag[0] = true;
                    });
                machine.awaitOthers();
              });
      assertEquals(Ending.LOST, ending);
      assertEquals("lost/2", machine.culprit().toString());
    }
  }

  @OnEachBackend
  void unparkBeforeParkIsNotLost(Backend backend) {
    Set<List<String>> orders = new HashSet<>();
    runMany(
        backend,
        machine -> {
          List<String> order = new ArrayList<>();
          Task sleeper =
              machine.spawn(
                  "sleeper",
                  () -> {
                    step(machine, 2);
                    order.add("park");
                    machine.park();
                    order.add("woken");
                  });
          machine.spawn(
              "waker",
              () -> {
                step(machine, 2);
                order.add("unpark");
                machine.unpark(sleeper);
              });
          machine.awaitOthers();
          orders.add(order);
        });
    assertEquals(
        Set.of(List.of("park", "unpark", "woken"), List.of("unpark", "park", "woken")), orders);
  }

  @OnEachBackend
  void twoUnparksAreOnePermit(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      Ending ending =
          run(
              machine,
              1,
              ignored -> {
                machine.unpark(machine.current());
                machine.unpark(machine.current());
                machine.park();
                parkForEver(machine);
              });
      assertEquals(Ending.STUCK, ending);
      assertEquals(List.of("main/0"), machine.unended().stream().map(Task::toString).toList());
    }
  }

  @OnEachBackend
  void timeJumpsToTheEarliestDeadlineAndNotBefore(Backend backend) {
    runMany(
        backend,
        machine -> {
          List<String> order = new ArrayList<>();
          machine.spawn("late", () -> sleepUntil(machine, 900, order));
          machine.spawn("early", () -> sleepUntil(machine, 30, order));
          machine.spawn(
              "busy",
              () -> {
                step(machine, 20);
                order.add("busy@" + machine.nanoTime());
              });
          machine.awaitOthers();
          assertEquals(List.of("busy@0", "early@30", "late@900"), order);
        });
  }

  private static void sleepUntil(SimMachine machine, long time, List<String> order) {
    machine.parkUntil(time);
    order.add(machine.current().name() + "@" + machine.nanoTime());
  }

  @OnEachBackend
  void pastDeadlineDoesNotSleepAndUnparkEndsASleep(Backend backend) {
    runMany(
        backend,
        machine -> {
          machine.parkUntil(0);
          machine.parkUntil(-5);
          assertEquals(0, machine.nanoTime());
          Task sleeper =
              machine.spawn(
                  "sleeper",
                  () -> {
                    machine.parkUntil(Long.MAX_VALUE);
                    assertEquals(0, machine.nanoTime());
                  });
          machine.unpark(sleeper);
          sleeper.join();
          assertEquals(Optional.empty(), sleeper.failure());
        });
  }

  @OnEachBackend
  void joinWaitsForTheEnd(Backend backend) {
    runMany(
        backend,
        machine -> {
          boolean[] done = new boolean[2];
          Task first =
              machine.spawn(
                  "first",
                  () -> {
                    step(machine, 3);
                    done[0] = true;
                  });
          Task second =
              machine.spawn(
                  "second",
                  () -> {
                    first.join();
                    done[1] = done[0];
                  });
          first.join();
          assertTrue(done[0]);
          second.join();
          assertTrue(done[1]);
          first.join();
        });
  }

  @OnEachBackend
  void taskThatWaitsForItselfIsStuck(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      assertEquals(Ending.STUCK, run(machine, 1, ignored -> machine.current().join()));
    }
  }

  @OnEachBackend
  void allWhoCannotGoOnAreNamed(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      Ending ending =
          run(
              machine,
              1,
              ignored -> {
                machine.spawn("a", () -> parkForEver(machine));
                machine.spawn("b", () -> step(machine, 3));
                machine.spawn("c", () -> parkForEver(machine));
                machine.awaitOthers();
              });
      assertEquals(Ending.STUCK, ending);
      assertEquals(
          List.of("main/0", "a/1", "c/3"), machine.unended().stream().map(Task::toString).toList());
      assertNull(machine.culprit());
    }
  }

  /** Who starves another by a bad choice is not hanging: the second half of the budget is fair. */
  @OnEachBackend
  void badChoicesAreNoHangAndSpinningForEverIs(Backend backend) {
    Scheduler unfair = new FirstTask();
    try (SimMachine machine = machine(backend)) {
      boolean[] flag = new boolean[1];
      Runnable spins =
          () -> {
            machine.spawn(
                "spinner",
                () -> {
                  while (!flag[0]) {
                    step(machine, 1);
                  }
                });
            machine.spawn("helper", () -> flag[0] = true);
            machine.awaitOthers();
          };
      assertEquals(Ending.COMPLETED, machine.run(unfair, BUDGET, null, spins));
      assertTrue(machine.steps() >= BUDGET / 2, machine.steps() + " steps: unfair for so long");
      Runnable hangs =
          () -> {
            machine.spawn("spinner", () -> step(machine, Integer.MAX_VALUE));
            machine.awaitOthers();
          };
      assertEquals(Ending.BUDGET, machine.run(unfair, BUDGET, null, hangs));
      assertEquals(BUDGET, machine.steps());
    }
  }

  private static final class FirstTask implements Scheduler {
    @Override
    public boolean begin(long index) {
      return true;
    }

    @Override
    public int choose(RunQueue queue) {
      return Long.numberOfTrailingZeros(queue.runnable());
    }
  }

  @OnEachBackend
  void firstThrowEndsTheRun(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      AssertionError error = new AssertionError("found");
      List<String> unwound = new ArrayList<>();
      Ending ending =
          run(
              machine,
              3,
              ignored -> {
                for (int i = 0; i < 3; i++) {
                  machine.spawn("waiter" + i, () -> cleansUp(machine, unwound));
                }
                Task thrower =
                    machine.spawn(
                        "thrower",
                        () -> {
                          step(machine, 40);
                          throw error;
                        });
                thrower.join();
              });
      assertEquals(Ending.THROWN, ending);
      assertEquals("thrower/4", machine.culprit().toString());
      assertSame(error, machine.culprit().failure().orElseThrow());
      assertEquals(
          List.of("waiter0", "waiter1", "waiter2"), unwound, "finally blocks ran, in order");
    }
  }

  private static void cleansUp(SimMachine machine, List<String> unwound) {
    try {
      parkForEver(machine);
    } finally {
      // What a task does on its way out must not switch, hang or end anything.
      step(machine, 5);
      unwound.add(machine.current().name());
    }
  }

  /** A finally block that waits, and a task that catches what throws it out, both end. */
  @OnEachBackend
  void stubbornTasksAreThrownOutToo(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      for (int round = 0; round < 3; round++) {
        Ending ending =
            run(
                machine,
                round,
                ignored -> {
                  machine.spawn(
                      "parks again",
                      () -> {
                        try {
                          parkForEver(machine);
                        } finally {
                          parkForEver(machine);
                        }
                      });
                  machine.spawn("spins", () -> spinsWhenThrown(machine));
                  machine.awaitOthers();
                });
        assertEquals(Ending.STUCK, ending);
        assertEquals(Ending.COMPLETED, run(machine, round, Toys.steps(5, 5, 5)));
      }
    }
  }

  private static void spinsWhenThrown(SimMachine machine) {
    try {
      parkForEver(machine);
    } finally {
      step(machine, 1_000_000);
    }
  }

  @OnEachBackend
  void strandsAreReusedAfterEveryKindOfEnd(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      run(machine, 1, Toys.steps(3, 3, 3));
      int threads = strandThreads();
      for (int round = 0; round < 50; round++) {
        assertEquals(
            Ending.STUCK, run(machine, 1, Toys.of(SimMachineTest::parkForEver, m -> step(m, 3))));
        assertEquals(
            Ending.BUDGET, run(machine, 1, Toys.of(m -> step(m, BUDGET), m -> step(m, BUDGET))));
        assertEquals(
            Ending.THROWN,
            run(
                machine,
                1,
                Toys.of(
                    m -> step(m, 9),
                    m -> {
                      throw new IllegalStateException("toy");
                    })));
        assertEquals(Ending.COMPLETED, run(machine, 1, Toys.steps(3, 3, 3)));
      }
      assertTrue(strandThreads() <= threads, strandThreads() + " threads, were " + threads);
    }
  }

  private static int strandThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("sim strand"))
            .count();
  }

  @OnEachBackend
  void tooManyTasksAreRefused(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      int[] ended = new int[1];
      Consumer<SimMachine> most =
          m -> {
            for (int i = 1; i < SimMachine.MAX_TASKS; i++) {
              m.spawn("t" + i, () -> ended[0]++);
            }
            assertThrows(IllegalStateException.class, () -> m.spawn("more", () -> {}));
            m.awaitOthers();
          };
      assertEquals(Ending.COMPLETED, run(machine, 1, most));
      assertEquals(SimMachine.MAX_TASKS - 1, ended[0]);
    }
  }

  @OnEachBackend
  void machineOutsideOfARunIsRefused(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      assertThrows(IllegalStateException.class, machine::current);
      assertThrows(IllegalStateException.class, machine::park);
      assertThrows(IllegalStateException.class, () -> machine.preemptionPoint(Step.LOCK, machine));
      Task[] foreign = new Task[1];
      run(machine, 1, m -> foreign[0] = m.current());
      assertThrows(IllegalStateException.class, machine::current);
      try (SimMachine other = machine(backend)) {
        Ending ending = run(other, 1, m -> m.unpark(foreign[0]));
        assertEquals(Ending.THROWN, ending);
        assertTrue(
            other.culprit().failure().orElseThrow() instanceof IllegalArgumentException,
            "a task of another machine");
      }
    }
  }

  @OnEachBackend
  void runInsideOfARunIsRefused(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      assertEquals(
          Ending.COMPLETED,
          run(
              machine,
              1,
              m -> assertThrows(IllegalStateException.class, () -> run(m, 1, Toys.steps(1)))));
      assertEquals(Ending.COMPLETED, run(machine, 1, Toys.steps(2, 2)));
    }
  }

  @OnEachBackend
  void schedulerThatFailsEndsTheRunForItsCaller(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      Scheduler wrong =
          new Scheduler() {
            @Override
            public boolean begin(long index) {
              return true;
            }

            @Override
            public int choose(RunQueue queue) {
              return 63;
            }
          };
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class, () -> Toys.run(machine, wrong, Toys.steps(3, 3)));
      assertTrue(thrown.getMessage().contains("task 63"), thrown::getMessage);
      assertEquals(Ending.COMPLETED, run(machine, 1, Toys.steps(3, 3)));
    }
  }

  @OnEachBackend
  void sameSeedSameRunOnOneMachine(Backend backend) {
    try (SimMachine machine = machine(backend)) {
      for (int seed = 0; seed < 50; seed++) {
        run(machine, seed, SimMachineTest::mixed);
        Schedule first = machine.schedule();
        assertTrue(first.length() > 5);
        run(machine, seed + 1, SimMachineTest::mixed);
        run(machine, seed, SimMachineTest::mixed);
        assertEquals(first, machine.schedule());
        assertEquals(first.check(), machine.schedule().check());
      }
    }
  }

  /** Steps, wake-ups, sleeps and a join. */
  private static void mixed(SimMachine machine) {
    Task sleeper =
        machine.spawn(
            "sleeper",
            () -> {
              step(machine, 2);
              machine.park();
              step(machine, 2);
              machine.parkUntil(machine.nanoTime() + 7);
            });
    machine.spawn("stepper", () -> step(machine, 5));
    Task waker =
        machine.spawn(
            "waker",
            () -> {
              step(machine, 3);
              machine.unpark(sleeper);
              step(machine, 3);
            });
    waker.join();
    machine.awaitOthers();
  }

  @Test
  void bothBackendsDecideTheSame() {
    try (SimMachine threads = machine(Backend.PLATFORM);
        SimMachine continuations = machine(Backend.CONTINUATION)) {
      for (String name : List.of("random", "pct:3", "pos", "urw", "round-robin", "sleep-sets")) {
        assertEquals(schedules(threads, name), schedules(continuations, name), name);
      }
    }
  }

  private static List<Schedule> schedules(SimMachine machine, String name) {
    Scheduler scheduler = Schedulers.parse(name).create(11);
    Toys.pilot(machine, scheduler, SimMachineTest::mixed);
    List<Schedule> schedules = new ArrayList<>();
    for (int i = 0; i < 100 && scheduler.begin(i); i++) {
      assertEquals(Ending.COMPLETED, Toys.run(machine, scheduler, SimMachineTest::mixed));
      schedules.add(machine.schedule());
    }
    return schedules;
  }

  /** Strands are daemon threads that end with their machine. */
  @Test
  void closeEndsTheThreads() throws InterruptedException {
    SimMachine machine = machine(Backend.PLATFORM);
    List<Thread> threads = new ArrayList<>();
    run(
        machine,
        1,
        Toys.of(
            m -> threads.add(Thread.currentThread()), m -> threads.add(Thread.currentThread())));
    assertEquals(2, threads.size());
    machine.close();
    for (Thread thread : threads) {
      assertTrue(thread.isDaemon());
      thread.join(10_000);
      assertTrue(!thread.isAlive(), thread::getName);
    }
  }
}

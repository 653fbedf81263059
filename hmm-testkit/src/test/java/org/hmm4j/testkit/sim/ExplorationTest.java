// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.machine.Step;
import org.junit.jupiter.api.Test;

/** The verdicts, replay, tokens and shrinking of an exploration. */
final class ExplorationTest {

  private static Failure fails(Scenario scenario) {
    return find(Exploration.of(scenario));
  }

  private static Failure find(Exploration exploration) {
    ExplorationResult result = exploration.run();
    Failure failure = result.failure().orElseThrow(() -> new AssertionError(result.toString()));
    assertNotNull(failure.toString());
    return failure;
  }

  private static void lostUpdate(SimWorld world) {
    SpinLock lock = world.kernel().spinLock("counter");
    int[] counter = {0};
    Runnable add =
        () -> {
          lock.lock();
          int seen = counter[0];
          lock.unlock();
          lock.lock();
          counter[0] = seen + 1;
          lock.unlock();
        };
    world.spawn("a", add);
    world.spawn("b", add);
    world.atEnd(() -> assertEquals(2, counter[0]));
  }

  @Test
  void findsALostUpdate() {
    Failure failure = fails(ExplorationTest::lostUpdate);
    assertEquals(Verdict.ASSERTION, failure.verdict());
    assertEquals(1, failure.switches(), failure::toString);
  }

  @Test
  void aCleanScenarioIsClean() {
    ExplorationResult result =
        Exploration.of(
                world -> {
                  Mutex lock = world.kernel().mutex("counter");
                  int[] counter = {0};
                  for (int i = 0; i < 3; i++) {
                    world.spawn(
                        "task" + i,
                        () -> {
                          lock.lock();
                          counter[0]++;
                          lock.unlock();
                        });
                  }
                  world.atEnd(() -> assertEquals(3, counter[0]));
                })
            .run()
            .assertClean();
    assertEquals(Exploration.SCHEDULES, result.statistics().schedules());
    assertTrue(result.statistics().distinct() >= 6, result::toString);
    assertTrue(result.statistics().distinct() < 200, result::toString);
  }

  @Test
  void findsADeadlock() {
    Failure failure =
        find(
            Exploration.of(
                    world -> {
                      Mutex a = world.kernel().mutex("a");
                      Mutex b = world.kernel().mutex("b");
                      world.spawn("ab", () -> both(a, b));
                      world.spawn("ba", () -> both(b, a));
                    })
                .kernel(options -> options.lockdep(false)));
    assertEquals(Verdict.DEADLOCK, failure.verdict());
    assertEquals(
        "ab/1 waits for mutex 'b', held by ba/2, which waits for mutex 'a', held by ab/1.",
        failure
            .message()
            .lines()
            .findFirst()
            .orElseThrow()
            .replaceFirst("(held by ab/1\\.).*", "$1"));
    assertEquals(1, failure.switches(), failure::toString);
    assertEquals(List.of("main/0", "ab/1", "ba/2"), names(failure.record().unended()));
  }

  private static List<String> names(List<?> tasks) {
    return tasks.stream().map(Object::toString).toList();
  }

  private static void both(Mutex first, Mutex second) {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }

  @Test
  void lockdepNeedsNoDeadlock() {
    Failure failure =
        fails(
            world -> {
              Mutex a = world.kernel().mutex("a");
              Mutex b = world.kernel().mutex("b");
              both(a, b);
              both(b, a);
            });
    assertEquals(Verdict.LOCKDEP, failure.verdict());
    assertEquals(0, failure.index());
  }

  @Test
  void findsALostWakeup() {
    Failure failure =
        fails(
            world -> {
              WaitQueue queue = world.kernel().waitQueue("queue");
              Mutex lock = world.kernel().mutex("lock");
              boolean[] ready = {false};
              world.spawn("waiter", () -> queue.waitEvent(() -> ready[0]));
              world.spawn(
                  "waker",
                  () -> {
                    queue.wakeAll();
                    lock.lock();
                    ready[0] = true;
                    lock.unlock();
                  });
            });
    assertEquals(Verdict.LOST_WAKEUP, failure.verdict(), failure::toString);
    assertTrue(failure.message().contains("waiter"), failure::message);
  }

  @Test
  void waitingForNothingIsADeadlock() {
    Failure failure =
        fails(
            world -> {
              Completion never = world.kernel().completion("never");
              world.spawn("waiter", never::waitFor);
            });
    assertEquals(Verdict.DEADLOCK, failure.verdict(), failure::toString);
  }

  @Test
  void aLoopWithoutEndIsReported() {
    Failure failure =
        find(
            Exploration.of(
                    world -> {
                      SpinLock lock = world.kernel().spinLock("lock");
                      world.spawn(
                          "spinner",
                          () -> {
                            while (true) {
                              lock.lock();
                              lock.unlock();
                            }
                          });
                    })
                .stepBudget(500));
    assertEquals(Verdict.LIVELOCK, failure.verdict());
  }

  @Test
  void whoNeverGetsOnWhileOthersLoopStarves() {
    Failure failure =
        find(
            Exploration.of(
                    world -> {
                      SpinLock lock = world.kernel().spinLock("lock");
                      Completion never = world.kernel().completion("never");
                      world.spawn("waiter", never::waitFor);
                      world.spawn(
                          "spinner",
                          () -> {
                            while (true) {
                              lock.lock();
                              lock.unlock();
                            }
                          });
                    })
                .stepBudget(500));
    assertEquals(Verdict.STARVATION, failure.verdict(), failure::toString);
    assertTrue(failure.message().contains("waiter"), failure::message);
  }

  @Test
  void whoSpinsForAnotherIsNoLivelock() {
    Exploration.of(
            world -> {
              boolean[] done = {false};
              Object about = new Object();
              world.spawn(
                  "spinner",
                  () -> {
                    while (!done[0]) {
                      world.machine().preemptionPoint(Step.WAIT, about);
                    }
                  });
              world.spawn(
                  "other",
                  () -> {
                    world.machine().preemptionPoint(Step.WAKE, about);
                    done[0] = true;
                  });
            })
        .scheduler("pct:3")
        .stepBudget(1_000)
        .run()
        .assertClean();
  }

  @Test
  void findsALeak() {
    Failure failure = fails(world -> world.kernel().allocations().allocate("forgotten"));
    assertEquals(Verdict.LEAK, failure.verdict());
    assertTrue(failure.message().contains("forgotten"), failure::message);
    Exploration.of(
            world -> {
              world.mayLeak();
              world.kernel().allocations().allocate("forgotten");
            })
        .schedules(1)
        .run()
        .assertClean();
  }

  @Test
  void aWarningFails() {
    Failure failure = fails(world -> world.kernel().warn("something is odd"));
    assertEquals(Verdict.WARNING, failure.verdict());
    assertTrue(failure.message().contains("something is odd"), failure::message);
  }

  @Test
  void misuseFails() {
    Failure failure = fails(world -> world.kernel().mutex("free").unlock());
    assertEquals(Verdict.MISUSE, failure.verdict());
  }

  @Test
  void findsUncontrolledNondeterminism() {
    AtomicInteger runs = new AtomicInteger();
    Failure failure =
        fails(
            world -> {
              Mutex lock = world.kernel().mutex("lock");
              int turns = runs.incrementAndGet() % 3;
              Runnable body =
                  () -> {
                    for (int i = 0; i < turns; i++) {
                      lock.lock();
                      lock.unlock();
                    }
                  };
              world.spawn("a", body);
              world.spawn("b", body);
            });
    assertEquals(Verdict.NONDETERMINISM, failure.verdict());
    assertTrue(failure.message().contains("choice"), failure::message);
  }

  @Test
  void theTokenReplaysTheShrunkFailure() {
    Failure failure = fails(ExplorationTest::lostUpdate);
    Token token = Token.parse(failure.token().toString());
    assertEquals(failure.token(), token);
    for (Backend backend : Backend.values()) {
      for (int i = 0; i < 100; i++) {
        Failure again =
            find(
                Exploration.of(ExplorationTest::lostUpdate)
                    .backend(backend.isUsable() ? backend : Backend.PLATFORM)
                    .replay(token));
        assertEquals(failure.verdict(), again.verdict());
        assertEquals(failure.steps(), again.steps());
        assertEquals(failure.message(), again.message());
      }
    }
  }

  @Test
  void aReplayOfAnotherScenarioDiverges() {
    Token token = fails(ExplorationTest::lostUpdate).token();
    Scenario other =
        world -> {
          Mutex lock = world.kernel().mutex("lock");
          world.spawn("a", lock::lock);
        };
    assertThrows(ScheduleDivergedException.class, () -> Exploration.of(other).replay(token).run());
    assertThrows(
        IllegalArgumentException.class,
        () -> Exploration.of(ExplorationTest::lostUpdate).name("other").replay(token).run());
  }

  @Test
  void theNumberOfThreadsDoesNotChangeTheResult() {
    Failure one = find(Exploration.of(ExplorationTest::lostUpdate).seed(5).jobs(1));
    Failure three = find(Exploration.of(ExplorationTest::lostUpdate).seed(5).jobs(3));
    assertEquals(one.token(), three.token());
  }

  @Test
  void shardsTogetherRunEachScheduleOnce() {
    long sum = 0;
    for (int shard = 0; shard < 3; shard++) {
      sum +=
          Exploration.of(world -> {}).schedules(100).shard(shard, 3).run().statistics().schedules();
    }
    assertEquals(100, sum);
    assertThrows(
        IllegalStateException.class,
        () -> Exploration.of(world -> {}).schedules(2).shard(2, 3).run());
  }

  /** A kref that the stage of a program puts once too often. */
  private static final class Stage {
    private final Kref kref;
    private final Mutex other;
    private int released;
    private int users = 2;

    Stage(SimWorld world, int pages) {
      kref = world.kernel().kref("object", () -> released++);
      kref.get();
      other = world.kernel().mutex("other");
    }

    /** Looks and puts in two steps. */
    void put() {
      if (users > 0) {
        kref.put();
        users--;
      }
    }

    void nothing() {
      other.lock();
      other.unlock();
    }
  }

  @Test
  void programsAreShrunkToWhatFails() {
    Operation<Stage> put = new Operation<>("put", Stage::put);
    Operation<Stage> nothing = new Operation<>("nothing", Stage::nothing);
    Program<Stage> program =
        Program.on(16, Stage::new)
            .task("a", put, put)
            .task("b", put)
            .task("idle", nothing)
            .atEnd(stage -> assertTrue(stage.released <= 1));
    Failure failure = fails(program);
    assertEquals(Verdict.WARNING, failure.verdict(), failure::toString);
    Program<?> small = (Program<?>) failure.scenario();
    assertTrue(small.operations() <= 3, failure::toString);
    assertFalse(small.toString().contains("idle"), small::toString);
    assertEquals(small.toString(), program.variant(small.variant()).toString());
    Failure again = find(Exploration.of(program).replay(failure.token()));
    assertEquals(failure.message(), again.message());
  }

  @Test
  void whoWakesAtTheSameTimeRaces() {
    Failure failure =
        fails(
            world -> {
              int[] counter = {0};
              Runnable add =
                  () -> {
                    world.machine().parkUntil(1_000);
                    world.machine().preemptionPoint(Step.COUNT, counter);
                    int seen = counter[0];
                    world.machine().preemptionPoint(Step.COUNT, counter);
                    counter[0] = seen + 1;
                  };
              world.spawn("a", add);
              world.spawn("b", add);
              world.atEnd(() -> assertEquals(2, counter[0]));
            });
    assertEquals(Verdict.ASSERTION, failure.verdict());
  }

  @Test
  void aLostWakeupAfterAJoinIsSeen() {
    Failure failure =
        fails(
            world -> {
              WaitQueue queue = world.kernel().waitQueue("queue");
              boolean[] ready = {false};
              world.spawn("other", () -> {});
              world.join();
              world.spawn("setter", () -> ready[0] = true);
              queue.waitEvent(() -> ready[0]);
            });
    assertEquals(Verdict.LOST_WAKEUP, failure.verdict(), failure::toString);
    assertTrue(
        failure.message().endsWith("sleeps at WAIT of wait queue 'queue'"), failure::message);
  }

  @Test
  void aFailureThatComesBackOnlySometimesIsNondeterminism() {
    AtomicInteger runs = new AtomicInteger();
    Failure failure =
        fails(
            world -> {
              Mutex lock = world.kernel().mutex("lock");
              for (String name : List.of("a", "b")) {
                world.spawn(
                    name,
                    () -> {
                      lock.lock();
                      lock.unlock();
                    });
              }
              world.atEnd(() -> assertTrue(runs.incrementAndGet() > 3));
            });
    assertEquals(Verdict.NONDETERMINISM, failure.verdict(), failure::toString);
  }

  @Test
  void anExhaustiveSearchSeesNondeterminismToo() {
    AtomicInteger runs = new AtomicInteger();
    Failure failure =
        find(
            Exploration.of(
                    world -> {
                      Mutex lock = world.kernel().mutex("lock");
                      int tasks = runs.incrementAndGet() == 2 ? 1 : 2;
                      for (int i = 0; i < tasks; i++) {
                        world.spawn(
                            "task" + i,
                            () -> {
                              lock.lock();
                              lock.unlock();
                            });
                      }
                    })
                .scheduler("sleep-sets"));
    assertEquals(Verdict.NONDETERMINISM, failure.verdict(), failure::toString);
  }

  @Test
  void aSearchInOrderIsNotSplit() {
    Exploration exploration = Exploration.of(world -> {}).scheduler("exhaustive:1").shard(1, 2);
    assertThrows(IllegalArgumentException.class, exploration::run);
  }

  @Test
  void anotherAssertionIsAnotherFailure() {
    Scenario scenario =
        world -> {
          int[] value = {0};
          world.spawn("a", () -> world.machine().preemptionPoint(Step.COUNT, value));
          world.atEnd(() -> assertEquals(1, value[0]));
        };
    Scenario other =
        world -> {
          int[] value = {0};
          world.spawn("a", () -> world.machine().preemptionPoint(Step.COUNT, value));
          world.atEnd(() -> assertEquals(2, value[0]));
        };
    String first = outcome(scenario).signature();
    assertEquals(first, outcome(scenario).signature());
    assertFalse(first.equals(outcome(other).signature()), first);
  }

  private static Outcome outcome(Scenario scenario) {
    Plan plan =
        new Plan(
            scenario,
            KernelProvider.load(),
            KernelOptions.defaults(),
            Backend.PLATFORM,
            Exploration.STEP_BUDGET);
    try (Trial trial = new Trial(plan)) {
      RandomWalk walk = new RandomWalk(1);
      walk.begin(0);
      return trial.run(walk);
    }
  }

  @Test
  void theWatchdogBarksOnceNothingHappens() throws InterruptedException {
    CountDownLatch barked = new CountDownLatch(1);
    Watchdog dog = new Watchdog(1, () -> 7, barked::countDown);
    try {
      assertTrue(barked.await(60, TimeUnit.SECONDS));
    } finally {
      dog.close();
    }
  }

  @Test
  void aSearchOnThreadsCanBeInterrupted() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    CountDownLatch looping = new CountDownLatch(1);
    AtomicInteger stop = new AtomicInteger();
    Thread search =
        new Thread(
            () -> {
              try {
                Exploration.of(
                        world ->
                            world.spawn(
                                "endless",
                                () -> {
                                  looping.countDown();
                                  while (stop.get() == 0) {
                                    Thread.onSpinWait();
                                  }
                                }))
                    .backend(Backend.PLATFORM)
                    .run();
              } catch (RuntimeException e) {
                thrown.set(e);
              }
            });
    search.start();
    looping.await();
    search.interrupt();
    search.join();
    stop.set(1);
    assertTrue(thrown.get().getMessage().contains("interrupted"), () -> "" + thrown.get());
  }

  @Test
  void badTokensAreRefusedWithTheReason() {
    for (String text :
        new String[] {
          "", "v0:a:b", "v1:a::random:x:0:AA:AA:0", "v1:a::r:1:0:!:AA:0", "v1:a::r:1:0:AA:!:0"
        }) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> Token.parse(text), text);
      assertTrue(thrown.getMessage().startsWith("not a token"), thrown::getMessage);
    }
  }

  @Test
  void theCanaryFailsWhereNoRaceIsSeen() {
    assertNull(Canary.complaint(Backend.PLATFORM, racy()));
    assertNotNull(Canary.complaint(Backend.PLATFORM, world -> {}));
  }

  private static Scenario racy() {
    return world -> {
      int[] winner = {0};
      for (int i = 1; i <= 2; i++) {
        int me = i;
        world.spawn(
            "task" + i,
            () -> {
              world.machine().preemptionPoint(Step.COUNT, winner);
              winner[0] = me;
            });
      }
      world.atEnd(() -> assertEquals(2, winner[0]));
    };
  }

  @Test
  void optionsAreChecked() {
    Exploration exploration = Exploration.of(world -> {});
    assertThrows(IllegalArgumentException.class, () -> exploration.schedules(0));
    assertThrows(IllegalArgumentException.class, () -> exploration.jobs(0));
    assertThrows(IllegalArgumentException.class, () -> exploration.stepBudget(1));
    assertThrows(IllegalArgumentException.class, () -> exploration.shard(2, 2));
    assertThrows(IllegalArgumentException.class, () -> exploration.scheduler("none"));
    assertEquals(Optional.empty(), exploration.run().failure());
  }
}

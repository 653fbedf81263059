// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.EnumSet;
import java.util.Set;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.machine.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The engine's primitives on the deterministic machine, with lockdep on, by every scheduler. Each
 * has a scenario beside it that breaks the protocol, which must be found.
 */
final class PrimitivesTest {

  private static final long MILLI = 1_000_000;

  /** A test by each scheduler that a user can name. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "random",
        "pct:2",
        "pct:3",
        "pos",
        "urw",
        "round-robin",
        "exhaustive:2",
        "portfolio"
      })
  private @interface ByEachScheduler {}

  private static Exploration by(String scheduler, Scenario scenario) {
    return Exploration.of(scenario)
        .scheduler(scheduler)
        .schedules(300)
        .kernel(options -> options.lockdep(true));
  }

  private static void assertFound(Scenario scenario) {
    ExplorationResult result = by("portfolio", scenario).schedules(2_000).run();
    assertTrue(result.failure().isPresent(), "a broken scenario passed");
  }

  /** Who is inside of a place, with a point in it at which others may run. */
  private static final class Room {
    private final SimWorld world;
    private int readers;
    private int writers;
    private int mostReaders;

    Room(SimWorld world) {
      this.world = world;
    }

    void write() {
      assertEquals(0, readers + writers, "others beside a writer");
      writers++;
      pass();
      writers--;
    }

    void read() {
      assertEquals(0, writers, "a writer beside a reader");
      readers++;
      mostReaders = Math.max(mostReaders, readers);
      pass();
      readers--;
    }

    private void pass() {
      world.machine().preemptionPoint(Step.COUNT, this);
    }
  }

  @ByEachScheduler
  void mutexExcludes(String scheduler) {
    by(scheduler, world -> enter(world, true)).run().assertClean();
  }

  @Test
  void noMutexIsFound() {
    assertFound(world -> enter(world, false));
  }

  private static void enter(SimWorld world, boolean locked) {
    Mutex mutex = world.kernel().mutex("room");
    Room room = new Room(world);
    for (int i = 0; i < 3; i++) {
      world.spawn(
          "t" + i,
          () -> {
            if (locked) {
              mutex.lock();
            } else {
              // What comes before the first step of a task belongs to that step.
              room.pass();
            }
            room.write();
            if (locked) {
              mutex.unlock();
            }
          });
    }
  }

  @ByEachScheduler
  void spinLockExcludesAndTryLockNeverWaits(String scheduler) {
    by(
            scheduler,
            world -> {
              SpinLock lock = world.kernel().spinLock("room");
              Room room = new Room(world);
              world.spawn(
                  "irqsave",
                  () -> {
                    long flags = lock.lockIrqsave();
                    room.write();
                    lock.unlockIrqrestore(flags);
                  });
              for (int i = 0; i < 2; i++) {
                world.spawn(
                    "tries",
                    () -> {
                      if (lock.tryLock()) {
                        room.write();
                        lock.unlock();
                      }
                    });
              }
            })
        .run()
        .assertClean();
  }

  @ByEachScheduler
  void rwSemaphoreLetsReadersInTogether(String scheduler) {
    int[] most = new int[1];
    by(
            scheduler,
            world -> {
              RwSemaphore semaphore = world.kernel().rwSemaphore("room");
              Room room = new Room(world);
              for (int i = 0; i < 2; i++) {
                world.spawn(
                    "reader" + i,
                    () -> {
                      semaphore.readLock();
                      room.read();
                      semaphore.readUnlock();
                    });
              }
              world.spawn(
                  "writer",
                  () -> {
                    semaphore.writeLock();
                    room.write();
                    semaphore.downgradeWrite();
                    room.read();
                    semaphore.readUnlock();
                  });
              world.atEnd(() -> most[0] = Math.max(most[0], room.mostReaders));
            })
        .run()
        .assertClean();
    assertTrue(most[0] >= 2, "no schedule had two readers at once");
  }

  @Test
  void writerThatOnlyReadLocksIsFound() {
    assertFound(
        world -> {
          RwSemaphore semaphore = world.kernel().rwSemaphore("room");
          Room room = new Room(world);
          for (int i = 0; i < 2; i++) {
            world.spawn(
                "t" + i,
                () -> {
                  semaphore.readLock();
                  room.write();
                  semaphore.readUnlock();
                });
          }
        });
  }

  @ByEachScheduler
  void waitQueueLosesNoWakeup(String scheduler) {
    by(scheduler, world -> waitForFlag(world, true)).run().assertClean();
  }

  @Test
  void wakeBeforeTheConditionIsFound() {
    ExplorationResult result =
        by("portfolio", world -> waitForFlag(world, false)).schedules(2_000).run();
    assertEquals(Verdict.LOST_WAKEUP, result.failure().orElseThrow().verdict());
  }

  private static void waitForFlag(SimWorld world, boolean flagFirst) {
    WaitQueue queue = world.kernel().waitQueue("flag");
    boolean[] flag = new boolean[1];
    for (int i = 0; i < 2; i++) {
      world.spawn("waiter" + i, () -> queue.waitEvent(() -> flag[0]));
    }
    world.spawn(
        "waker",
        () -> {
          if (!flagFirst) {
            queue.wakeAll();
            world.machine().preemptionPoint(Step.COUNT, flag);
          }
          flag[0] = true;
          if (flagFirst) {
            queue.wakeAll();
          }
        });
  }

  /** A time-out comes in virtual time, and only if nobody wakes. */
  @ByEachScheduler
  void timeoutsAreVirtual(String scheduler) {
    by(
            scheduler,
            world -> {
              WaitQueue never = world.kernel().waitQueue("never");
              Completion done = world.kernel().completion("done");
              world.spawn(
                  "times out",
                  () -> {
                    assertFalse(never.waitEventTimeout(() -> false, 86_400_000));
                    assertEquals(86_400_000 * MILLI, world.machine().nanoTime());
                  });
              world.spawn(
                  "is woken",
                  () -> {
                    assertTrue(done.waitForTimeout(1_000));
                    assertEquals(0, world.machine().nanoTime());
                  });
              world.spawn("completes", done::complete);
            })
        .run()
        .assertClean();
  }

  @ByEachScheduler
  void completionLetsOneOnEachTime(String scheduler) {
    by(
            scheduler,
            world -> {
              Completion completion = world.kernel().completion("two");
              for (int i = 0; i < 2; i++) {
                world.spawn("waiter" + i, completion::waitFor);
                world.spawn("completer" + i, completion::complete);
              }
            })
        .run()
        .assertClean();
  }

  @Test
  void oneCompletionForTwoIsFound() {
    ExplorationResult result =
        by(
                "random",
                world -> {
                  Completion completion = world.kernel().completion("one");
                  world.spawn("waiter0", completion::waitFor);
                  world.spawn("waiter1", completion::waitFor);
                  world.spawn("completer", completion::complete);
                })
            .run();
    assertEquals(Verdict.DEADLOCK, result.failure().orElseThrow().verdict());
  }

  /** What an SRCU reader can see of an object. */
  private enum Seen {
    OLD,
    NEW
  }

  @ByEachScheduler
  void srcuWaitsForThoseInside(String scheduler) {
    Set<Seen> seen = EnumSet.noneOf(Seen.class);
    by(scheduler, world -> replace(world, true, seen)).run().assertClean();
    assertEquals(EnumSet.allOf(Seen.class), seen, "readers before and after");
  }

  @Test
  void freeWithoutGracePeriodIsFound() {
    assertFound(world -> replace(world, false, EnumSet.noneOf(Seen.class)));
  }

  private static void replace(SimWorld world, boolean waits, Set<Seen> seen) {
    Srcu srcu = world.kernel().srcu("object");
    boolean[] freed = new boolean[2];
    int[] published = {0};
    for (int i = 0; i < 2; i++) {
      world.spawn(
          "reader" + i,
          () -> {
            int section = srcu.readLock();
            int object = published[0];
            world.machine().preemptionPoint(Step.COUNT, freed);
            assertFalse(freed[object], "freed under a reader");
            seen.add(object == 0 ? Seen.OLD : Seen.NEW);
            srcu.readUnlock(section);
          });
    }
    world.spawn(
        "updater",
        () -> {
          world.machine().preemptionPoint(Step.COUNT, published);
          published[0] = 1;
          if (waits) {
            srcu.synchronize();
          }
          freed[0] = true;
        });
  }

  /** Lockdep needs no dead-lock: it is enough that both orders were seen, in any schedule. */
  @ByEachScheduler
  void lockdepSeesBothOrders(String scheduler) {
    ExplorationResult result =
        by(
                scheduler,
                world -> {
                  Mutex a = world.kernel().mutex("a");
                  Mutex b = world.kernel().mutex("b");
                  world.spawn("ab", () -> both(a, b)).join();
                  world.spawn("ba", () -> both(b, a)).join();
                })
            .run();
    assertEquals(
        Verdict.LOCKDEP,
        result.failure().orElseThrow().verdict(),
        () -> result.failure().toString());
    assertEquals(0, result.failure().orElseThrow().index());
  }

  private static void both(Mutex outer, Mutex inner) {
    outer.lock();
    inner.lock();
    inner.unlock();
    outer.unlock();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.testkit.record.RunLoop;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunSpan.Kind;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunStep.Turn;
import org.hmm4j.testkit.record.WaitForGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records of runs on the machine, and what is read from them. */
@Timeout(60)
class RunRecorderTest {

  private static final int BUDGET = 2_000;

  private static void inOrder(Mutex first, Mutex second) {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }

  private static final Scenario ABBA =
      world -> {
        Mutex a = world.kernel().mutex("a");
        Mutex b = world.kernel().mutex("b");
        world.spawn("left", () -> inOrder(a, b));
        world.spawn("right", () -> inOrder(b, a));
      };

  @Test
  void aDeadlockIsRecordedWithHoldsSleepsAndTurns() {
    Recorded run = Recorded.failure(BUDGET, ABBA);
    assertEquals(Verdict.DEADLOCK, run.verdict());
    RunRecord record = run.record();
    assertEquals(
        List.of("main/0", "left/1", "right/2"),
        record.tasks().stream().map(Object::toString).toList());
    assertEquals(3, record.unended().size());
    assertEquals(
        List.of("mutex 'a'", "mutex 'b'"),
        record.openAtEnd(Kind.LOCK).stream().map(RunSpan::object).sorted().toList());
    assertEquals(3, record.openAtEnd(Kind.SLEEP).size());
    assertTrue(
        record.steps().stream().anyMatch(step -> step.turn() == Turn.PREEMPTION),
        record.toString());
    RunStep last = record.steps().get(record.steps().size() - 1);
    assertEquals(Optional.of(Step.LOCK), last.step());
    assertTrue(last.text().startsWith("lock mutex '"), last.text());
  }

  @Test
  void aDeadlockIsACycleInWordsAndPicture() {
    WaitForGraph graph = WaitForGraph.of(Recorded.failure(BUDGET, ABBA).record());
    assertEquals(1, graph.cycles().size());
    assertEquals(
        List.of(
            "left/1 waits for mutex 'b', held by right/2, which waits for mutex 'a', held by"
                + " left/1.",
            "main/0 waits for the other tasks."),
        graph.words());
    String picture = String.join("\n", graph.picture());
    assertTrue(picture.contains("| left/1            |\n"), picture);
    assertTrue(picture.contains("|   wants mutex 'b' |\n"), picture);
    assertTrue(picture.contains("|   holds mutex 'b' |\n"), picture);
    assertTrue(picture.stripTrailing().endsWith("[ left/1 ]"), picture);
  }

  @Test
  void threeTasksAndThreeKindsOfWaitAreOneCycle() {
    Scenario scenario =
        world -> {
          Kernel kernel = world.kernel();
          Mutex mutex = kernel.mutex("m");
          RwSemaphore semaphore = kernel.rwSemaphore("s");
          Srcu srcu = kernel.srcu("d");
          world.spawn(
              "reader",
              () -> {
                int section = srcu.readLock();
                mutex.lock();
                mutex.unlock();
                srcu.readUnlock(section);
              });
          world.spawn(
              "owner",
              () -> {
                mutex.lock();
                semaphore.writeLock();
                semaphore.writeUnlock();
                mutex.unlock();
              });
          world.spawn(
              "updater",
              () -> {
                semaphore.readLock();
                srcu.synchronize();
                semaphore.readUnlock();
              });
        };
    WaitForGraph graph = WaitForGraph.of(Recorded.failure(BUDGET, scenario).record());
    assertEquals(
        "reader/1 waits for mutex 'm', held by owner/2, which waits for rw semaphore 's', held by"
            + " updater/3, which waits for srcu 'd', held by reader/1.",
        graph.words().get(0));
  }

  @Test
  void joinsAreWaitsAndAWaitForAWakeUpHasNoHolder() {
    Scenario scenario =
        world -> {
          Completion never = world.kernel().completion("never");
          Task worker = world.spawn("worker", never::waitFor);
          worker.join();
        };
    WaitForGraph graph = WaitForGraph.of(Recorded.failure(BUDGET, scenario).record());
    assertEquals(List.of(), graph.cycles());
    assertEquals(
        List.of(
            "main/0 waits for task worker/1, held by worker/1.",
            "worker/1 waits for completion 'never', which nobody holds: it has to be woken."),
        graph.words());
    assertTrue(graph.picture().contains("  [ worker/1 ]"), graph.picture().toString());
  }

  @Test
  void whatAThrowDoesToTheOthersIsNotPartOfTheRun() {
    Scenario scenario =
        world -> {
          Mutex mutex = world.kernel().mutex("m");
          world.spawn(
              "sleeper",
              () -> {
                mutex.lock();
                world.kernel().completion("never").waitFor();
              });
          world.spawn(
              "bad",
              () -> {
                mutex.tryLock();
                throw new IllegalStateException("boom");
              });
        };
    RunRecord record = Recorded.failure(BUDGET, scenario).record();
    assertEquals(Optional.of("java.lang.IllegalStateException: boom"), thrown(record));
    int last = record.steps().size() - 1;
    assertEquals(OptionalInt.of(last), record.tasks().get(2).endedAt());
    assertFalse(record.tasks().get(1).hasEnded());
  }

  private static Optional<String> thrown(RunRecord record) {
    return record.tasks().get(2).thrown();
  }

  @Test
  void whoWakesWhomIsAnEdge() {
    Scenario scenario =
        world -> {
          Completion done = world.kernel().completion("done");
          world.spawn("waiter", done::waitFor);
          world.spawn("waker", done::complete);
          world.atEnd(
              () -> {
                throw new IllegalStateException("look at it");
              });
        };
    RunRecord record = Recorded.failure(BUDGET, scenario).record();
    boolean slept =
        record.spans().stream()
            .anyMatch(span -> span.kind() == Kind.SLEEP && span.object().contains("done"));
    boolean woken =
        record.wakeUps().stream()
            .anyMatch(wake -> wake.by().equals(OptionalInt.of(2)) && wake.task() == 1);
    assertEquals(slept, woken);
    assertTrue(record.wakeUps().stream().anyMatch(wake -> wake.task() == 0));
  }

  @Test
  void aLivelockIsALoopOfAllWhoAreLeft() {
    Scenario scenario =
        world -> {
          Mutex a = world.kernel().mutex("a");
          world.spawn("left", () -> polls(a));
          world.spawn("right", () -> polls(a));
        };
    RunLoop loop = RunLoop.of(Recorded.failure(BUDGET, scenario).record()).orElseThrow();
    assertEquals(6, loop.period());
    assertFalse(loop.isStarvation());
    assertEquals("[1, 2]", loop.repeating().toString());
    assertTrue(
        loop.words()
            .get(0)
            .matches(
                "left/1, right/2 repeat the same 6 steps, \\d+ times and more, and nobody gets on\\."),
        loop.words().toString());
  }

  private static void polls(Mutex mutex) {
    while (true) {
      if (mutex.tryLock()) {
        mutex.unlock();
      }
    }
  }

  @Test
  void whoSleepsWhileOthersGoRoundStarves() {
    Scenario scenario =
        world -> {
          Kernel kernel = world.kernel();
          Mutex held = kernel.mutex("held");
          Mutex polled = kernel.mutex("polled");
          held.lock();
          world.spawn("victim", () -> inOrder(held, polled));
          polls(polled);
        };
    RunLoop loop = RunLoop.of(Recorded.failure(BUDGET, scenario).record()).orElseThrow();
    assertTrue(loop.isStarvation());
    assertEquals(2, loop.period());
    assertEquals(
        "victim/1 starves: it waits for mutex 'held', held by main/0 while the others go round.",
        loop.words().get(1));
  }

  @Test
  void aRunThatDoesNotRepeatHasNoLoop() {
    RunRecord record = Recorded.failure(BUDGET, ABBA).record();
    assertEquals(Optional.empty(), RunLoop.of(record));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.function.Executable;

/** The tasks of a test. */
final class Crew {

  private final Kernel kernel;
  private final List<Member> members = new ArrayList<>();

  Crew(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Starts a task. */
  Member go(String name, Executable body) {
    Member member = new Member();
    member.task = kernel.machine().spawn(name, () -> member.run(body));
    members.add(member);
    return member;
  }

  /** Starts a task and returns when it is parked. */
  Member goAndPark(String name, Executable body) {
    Member member = go(name, body);
    member.awaitParked();
    return member;
  }

  /** Waits for all tasks; fails if one of them did. */
  void join() {
    for (Member member : members) {
      member.join();
    }
  }

  /** Runs something that must break a rule. */
  static KernelBug bug(KernelBug.Rule rule, Executable misuse) {
    KernelBug bug = assertThrows(KernelBug.class, misuse);
    assertEquals(rule, bug.rule(), bug.getMessage());
    return bug;
  }

  /** Requires that a message has all these parts. */
  static void assertMentions(KernelBug bug, Object... parts) {
    for (Object part : parts) {
      assertTrue(bug.getMessage().contains(part.toString()), bug.getMessage());
    }
  }

  /** Waits for something that other threads bring about; a test that waits in vain times out. */
  static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.yield();
    }
  }

  /** Waits for a latch. */
  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** One task. */
  static final class Member {
    private final AtomicReference<Thread> thread = new AtomicReference<>();
    private volatile Task task;

    Task task() {
      return task;
    }

    Thread thread() {
      until(() -> thread.get() != null);
      return thread.get();
    }

    void awaitParked() {
      until(
          () ->
              thread().getState() == Thread.State.WAITING
                  || thread().getState() == Thread.State.TIMED_WAITING);
    }

    void join() {
      task.join();
      task.failure()
          .ifPresent(
              failure -> {
                throw new AssertionError("task " + task + " failed: " + failure, failure);
              });
    }

    private void run(Executable body) {
      thread.set(Thread.currentThread());
      try {
        body.execute();
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.hmm4j.machine.Task;

/** A second task of a card, A or B. */
final class Side {

  private final Scene scene;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Task task;

  Side(Scene scene, String name, Runnable body) {
    this.scene = scene;
    task =
        scene
            .kernel
            .machine()
            .spawn(
                name,
                () -> {
                  try {
                    body.run();
                  } finally {
                    done.countDown();
                    scene.machine.noteChange();
                  }
                });
  }

  private boolean isDone() {
    return done.getCount() == 0;
  }

  /** Waits until the task sleeps or is done. */
  private void awaitRest() {
    assertTrue(
        scene.machine.awaitAsleep(task, this::isDone, scene.patienceMillis),
        () -> task + " neither sleeps nor ends");
  }

  /** Requires that the task waits for something now. */
  void mustWait(String why) {
    awaitRest();
    assertFalse(
        isDone(), () -> why + "; it came back" + task.failure().map(t -> " with " + t).orElse(""));
  }

  /** Requires that the task comes to its end although nobody helps it. */
  void mustEnd(String why) {
    awaitRest();
    assertTrue(isDone(), why);
    join();
  }

  /** Waits for the end and passes on what the task threw. */
  void join() {
    Scene.await(done, task + " hangs", scene.patienceMillis);
    task.join();
    task.failure()
        .ifPresent(
            thrown -> {
              throw new AssertionError(task + " failed: " + thrown.getMessage(), thrown);
            });
  }
}

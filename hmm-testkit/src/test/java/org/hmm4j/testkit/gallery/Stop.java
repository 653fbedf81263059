// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.concurrent.CountDownLatch;

/** A point where a task of a card waits until the card lets it go on. */
final class Stop {

  private final Scene scene;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  Stop(Scene scene) {
    this.scene = scene;
  }

  /** What the task does at the point. */
  void here() {
    reached.countDown();
    Scene.await(go, "the card never let it go on", scene.patienceMillis);
  }

  void awaitReached() {
    Scene.await(reached, "nobody came to the point", scene.patienceMillis);
  }

  void go() {
    go.countDown();
  }
}

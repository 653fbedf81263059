// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A bug that HMM once had, and a test that walks its sequence.
 *
 * @param id the card of the specification
 * @param kind what its patch changed
 * @param bug the bug in a few words
 * @param parts the sequences, each on a stage of its own
 * @param noMutant why there is no mutant; null if there is one
 */
record BugCard(String id, Kind kind, String bug, List<Part> parts, String noMutant) {

  /** R: a real bug. L: latent, or only with misuse. N: no change at run time. D: documentation. */
  enum Kind {
    R,
    L,
    N,
    D
  }

  /** One sequence: shows that the engine keeps the rule, or throws. */
  @FunctionalInterface
  interface Part {
    void show(Scene scene);
  }

  static BugCard of(String id, Kind kind, String bug, Part... parts) {
    return new BugCard(id, kind, bug, List.of(parts), null);
  }

  BugCard withoutMutant(String reason) {
    return new BugCard(id, kind, bug, parts, reason);
  }

  /**
   * Shows the card.
   *
   * @param patienceMillis after how long something that has to happen counts as never happening
   * @throws AssertionError that names the card and the rule, if the engine breaks it
   */
  void show(Subject subject, long patienceMillis) {
    for (Part part : parts) {
      AtomicReference<Scene> scene = new AtomicReference<>();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread task =
          new Thread(
              () -> {
                try {
                  scene.set(new Scene(subject, patienceMillis));
                  part.show(scene.get());
                } catch (RuntimeException | Error thrown) {
                  failure.set(thrown);
                }
              },
              Scene.MAIN);
      task.setDaemon(true);
      task.start();
      join(task, 3 * patienceMillis);
      Throwable thrown = failure.get();
      if (task.isAlive()) {
        throw broken(scene.get(), "it hangs", null);
      } else if (thrown != null) {
        throw broken(scene.get(), String.valueOf(thrown.getMessage()), thrown);
      }
    }
  }

  private AssertionError broken(Scene scene, String how, Throwable cause) {
    String rule = scene == null ? "no stage" : scene.rule();
    return new AssertionError("card " + id + ", rule " + rule + ": " + how, cause);
  }

  private static void join(Thread task, long millis) {
    try {
      task.join(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return id + " " + bug;
  }
}

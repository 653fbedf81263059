// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.ScheduleFailedError;
import org.hmm4j.testkit.sim.SimWorld;
import org.hmm4j.testkit.sim.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Methods that are explored, those that have to fail through a launcher of their own. */
final class ExploreTest {

  private static final String PROPERTY = Exploration.REPLAY_PROPERTY;

  @Explore
  void aCounterUnderALockIsRight(SimWorld world) {
    count(world, true);
  }

  @Explore(schedules = 10, scheduler = "random", seed = 3, stepBudget = 100, jobs = 2)
  void otherParametersAreResolvedAsUsual(TestInfo info, SimWorld world) {
    count(world, true);
    assertTrue(info.getDisplayName().startsWith("otherParameters"));
  }

  private static void count(SimWorld world, boolean atOnce) {
    Mutex lock = world.kernel().mutex("counter");
    int[] counter = {0};
    Runnable add =
        () -> {
          lock.lock();
          int seen = counter[0];
          if (!atOnce) {
            lock.unlock();
            lock.lock();
          }
          counter[0] = seen + 1;
          lock.unlock();
        };
    world.spawn("a", add);
    world.spawn("b", add);
    world.atEnd(() -> assertEquals(2, counter[0]));
  }

  /** Run by the tests below only: surefire leaves nested classes alone. */
  static final class Failing {

    @Explore
    void losesAnUpdate(SimWorld world) {
      count(world, false);
    }

    @Explore
    void hasNoWorld() {}

    @Explore(schedules = 0)
    void runsNothing(SimWorld world) {
      count(world, true);
    }
  }

  private static Throwable failureOf(String method) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(Failing.class.getName() + "#" + method))
            .build();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier id, TestExecutionResult result) {
                if (id.isTest()) {
                  failure.set(result.getThrowable().orElse(null));
                }
              }
            });
    return failure.get();
  }

  @Test
  void aRaceFailsTheTestAndTheTokenReplaysIt() {
    String method = "losesAnUpdate(" + SimWorld.class.getName() + ")";
    ScheduleFailedError error = assertInstanceOf(ScheduleFailedError.class, failureOf(method));
    Failure failure = error.failure();
    assertEquals(Verdict.ASSERTION, failure.verdict());
    assertEquals(Failing.class.getName() + "#losesAnUpdate", failure.token().scenario());
    assertTrue(error.getMessage().contains("-D" + PROPERTY + "=v1:"), error::getMessage);
    System.setProperty(PROPERTY, failure.token().toString());
    try {
      Failure again = assertInstanceOf(ScheduleFailedError.class, failureOf(method)).failure();
      assertEquals(failure.token(), again.token());
      assertEquals(failure.steps(), again.steps());
    } finally {
      System.clearProperty(PROPERTY);
    }
  }

  @Test
  void aFailingTestLeavesItsReports(@TempDir Path folder) throws IOException {
    System.setProperty(Explore.REPORTS_PROPERTY, folder.resolve("reports").toString());
    try {
      Throwable thrown = failureOf("losesAnUpdate(" + SimWorld.class.getName() + ")");
      assertTrue(thrown.getMessage().contains("lock mutex"), thrown::getMessage);
    } finally {
      System.clearProperty(Explore.REPORTS_PROPERTY);
    }
    Path stem = folder.resolve("reports").resolve(Failing.class.getName() + ".losesAnUpdate");
    assertTrue(Files.readString(Path.of(stem + ".html")).startsWith("<!DOCTYPE html>"));
    assertTrue(Files.readString(Path.of(stem + ".trace.json")).startsWith("{"));
  }

  @Test
  void aMethodWithoutAWorldIsRefused() {
    assertInstanceOf(ExtensionConfigurationException.class, failureOf("hasNoWorld"));
  }

  @Test
  void noScheduleIsAnError() {
    assertInstanceOf(
        IllegalArgumentException.class, failureOf("runsNothing(" + SimWorld.class.getName() + ")"));
  }
}

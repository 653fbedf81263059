// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.hmm4j.kernel.Errno;
import org.hmm4j.testkit.oracle.Answer;
import org.hmm4j.testkit.oracle.DeviceOperation;
import org.hmm4j.testkit.oracle.Operation;
import org.hmm4j.testkit.oracle.ProcessOperation;
import org.hmm4j.testkit.oracle.ReplayWorld;
import org.hmm4j.testkit.oracle.Scenario;
import org.hmm4j.testkit.oracle.Step;
import org.hmm4j.testkit.report.PageRows;

/**
 * Answers as recorded, but for two operations: {@code check_exclusive} always answers EINVAL, and
 * {@code fork} is unsupported.
 */
final class EchoWorld implements ReplayWorld {

  private final Deque<Step> steps;

  EchoWorld(Scenario scenario) {
    steps = new ArrayDeque<>(scenario.steps());
  }

  @Override
  public Optional<Answer> execute(Operation operation) {
    Answer recorded = steps.remove().expected();
    if (operation instanceof ProcessOperation.Fork) {
      return Optional.empty();
    }
    boolean lie = operation instanceof DeviceOperation.CheckExclusive;
    return Optional.of(lie ? Answer.error(Errno.EINVAL) : recorded);
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public PageRows pages() {
    return new PageRows() {
      @Override
      public List<String> columns() {
        return List.of("cpu");
      }

      @Override
      public List<String> describe(int page) {
        return List.of("rw");
      }
    };
  }

  @Override
  public List<String> end() {
    return List.of();
  }
}

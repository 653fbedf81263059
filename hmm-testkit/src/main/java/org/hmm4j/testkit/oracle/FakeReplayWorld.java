// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.hmm4j.kernel.Warning;
import org.hmm4j.testkit.report.PageRows;

/**
 * The world made of this testkit's own parts: the fake address space of {@code
 * org.hmm4j.testkit.mm} and two devices of {@code org.hmm4j.testkit.driver}, on the engine that is
 * on the path. Each scenario gets a kernel of its own.
 */
public final class FakeReplayWorld implements ReplayWorld {

  private final FakeProcess process;
  private final FakeOperations operations;
  private int warningsSeen;

  FakeReplayWorld(FakeProcess process) {
    this.process = process;
    this.operations = new FakeOperations(process);
  }

  /**
   * Makes a factory of such worlds.
   *
   * @param driver which driver the devices have
   * @return a factory
   */
  public static ReplayWorldFactory factory(DriverKind driver) {
    Objects.requireNonNull(driver, "driver");
    return scenario -> Optional.of(new FakeReplayWorld(FakeProcess.start(driver, scenario.mode())));
  }

  @Override
  public Optional<Answer> execute(Operation operation) {
    return operation.accept(operations);
  }

  @Override
  public List<String> warnings() {
    List<Warning> all = process.kernel().warnings();
    List<String> fresh =
        all.subList(warningsSeen, all.size()).stream().map(Warning::toString).toList();
    warningsSeen = all.size();
    return fresh;
  }

  @Override
  public PageRows pages() {
    return process.pages();
  }

  @Override
  public List<String> end() {
    return process.exit();
  }
}

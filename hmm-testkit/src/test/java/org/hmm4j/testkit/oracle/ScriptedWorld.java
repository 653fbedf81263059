// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.hmm4j.testkit.report.PageRows;

/** Answers what a test says. An operation without an answer is unsupported. */
final class ScriptedWorld implements ReplayWorld {

  final List<String> executed = new ArrayList<>();
  private final Map<String, Supplier<Answer>> answers = new HashMap<>();
  private final Map<Integer, List<String>> pages = new HashMap<>();
  private List<String> warnings = List.of();
  private List<String> left = List.of();
  int ends;

  /** Answers operations with the answers of a recorded text. */
  ScriptedWorld answer(String lines) {
    String text = "scenario s pages 100\n" + lines + "\nend\n";
    for (Step step : TraceReader.parse("script", text).scenarios().get(0).steps()) {
      answers.put(step.operation().toString(), step::expected);
    }
    return this;
  }

  ScriptedWorld fail(String operation, RuntimeException failure) {
    answers.put(
        operation,
        () -> {
          throw failure;
        });
    return this;
  }

  ScriptedWorld warn(String operation, String warning) {
    Supplier<Answer> answer = answers.get(operation);
    answers.put(
        operation,
        () -> {
          warnings = List.of(warning);
          return answer.get();
        });
    return this;
  }

  ScriptedWorld leave(String... left) {
    this.left = List.of(left);
    return this;
  }

  ScriptedWorld page(int page, String... cells) {
    pages.put(page, List.of(cells));
    return this;
  }

  ReplayWorldFactory factory() {
    return scenario -> Optional.of(this);
  }

  @Override
  public Optional<Answer> execute(Operation operation) {
    executed.add(operation.toString());
    return Optional.ofNullable(answers.get(operation.toString())).map(Supplier::get);
  }

  @Override
  public List<String> warnings() {
    List<String> taken = warnings;
    warnings = List.of();
    return taken;
  }

  @Override
  public PageRows pages() {
    return new PageRows() {
      @Override
      public List<String> columns() {
        return List.of("vma", "cpu", "value", "device 0", "device 1");
      }

      @Override
      public List<String> describe(int page) {
        return pages.getOrDefault(page, List.of("-", "-", "-", "-", "-"));
      }
    };
  }

  @Override
  public List<String> end() {
    ends++;
    return left;
  }
}

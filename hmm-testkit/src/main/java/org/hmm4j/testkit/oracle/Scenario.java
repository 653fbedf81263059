// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;

/**
 * What was done to one fresh process, and what Linux answered.
 *
 * @param name what reports call it
 * @param pages how many pages the region has
 * @param mode what kind of process and devices it needs
 * @param steps what was done, in order
 * @param endLine the number of the line in the trace that ends it, from 1
 */
public record Scenario(String name, int pages, Mode mode, List<Step> steps, int endLine) {

  /**
   * Checks that nothing is missing.
   *
   * @param name what reports call it
   * @param pages how many pages the region has
   * @param mode what kind of process and devices it needs
   * @param steps what was done, in order
   * @param endLine the number of the line that ends it
   */
  public Scenario {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(mode, "mode");
    steps = List.copyOf(steps);
  }

  /**
   * Returns the scenario as it stands in a trace.
   *
   * @return its lines, each ended
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("scenario ").append(name).append(" pages ");
    text.append(pages);
    if (mode != Mode.PLAIN) {
      text.append(' ').append(mode.word());
    }
    text.append('\n');
    steps.forEach(step -> text.append(step).append('\n'));
    return text.append("end\n").toString();
  }

  /** What kind of process and devices a scenario needs. */
  public enum Mode implements Word {
    /** No transparent huge pages; the devices have private memory. */
    PLAIN(""),
    /** Transparent huge pages are on, and each mapping is advised huge. */
    THP("thp"),
    /** The devices have memory that the CPU can address. */
    COHERENT("coherent");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.List;
import java.util.stream.Collectors;
import org.hmm4j.kernel.Warning;

/** A run ended with warnings of its kernel. */
final class WarningsLeft extends AssertionError {

  private static final long serialVersionUID = 1L;

  WarningsLeft(List<Warning> warnings) {
    super(
        warnings.stream()
            .map(warning -> "WARN in task " + warning.task() + ": " + warning.message())
            .collect(Collectors.joining("\n")));
  }
}

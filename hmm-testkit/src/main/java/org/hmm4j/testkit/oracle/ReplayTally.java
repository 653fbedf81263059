// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;

/** Counts while a trace is replayed. */
final class ReplayTally {

  private final Trace trace;
  private final List<Difference> differences = new ArrayList<>();
  private long matched;
  private long unsupported;
  private long notRun;

  ReplayTally(Trace trace) {
    this.trace = trace;
  }

  String trace() {
    return trace.name();
  }

  void matched() {
    matched++;
  }

  void unsupported(int operations) {
    unsupported += operations;
  }

  void differing(Difference difference, int operationsAfter) {
    differences.add(difference);
    notRun += operationsAfter;
  }

  ReplayReport report() {
    return new ReplayReport(
        trace.name(),
        trace.scenarios().size(),
        trace.operations(),
        matched,
        unsupported,
        notRun,
        differences);
  }
}

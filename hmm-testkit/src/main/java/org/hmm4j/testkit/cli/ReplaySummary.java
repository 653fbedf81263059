// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.hmm4j.testkit.oracle.ReplayReport;

/** The table at the end of a replay: a line for each trace and one for all. */
final class ReplaySummary {

  private static final List<String> HEAD =
      List.of(
          "trace",
          "scenarios",
          "operations",
          "matched",
          "differing",
          "unsupported",
          "not run",
          "time");

  private static final List<ToLongFunction<ReplayReport>> COUNTS =
      List.of(
          ReplayReport::scenarios,
          ReplayReport::operations,
          ReplayReport::matched,
          ReplayReport::differing,
          ReplayReport::unsupported,
          ReplayReport::notRun);

  private final List<TimedReport> reports;

  ReplaySummary(List<TimedReport> reports) {
    this.reports = reports;
  }

  boolean allMatched() {
    return reports.stream().allMatch(timed -> timed.report().allMatched());
  }

  /** Returns the table and the verdict, a line each. */
  List<String> lines() {
    List<List<String>> table = new ArrayList<>(List.of(HEAD));
    for (TimedReport timed : reports) {
      table.add(row(timed.report().trace(), List.of(timed)));
    }
    if (reports.size() > 1) {
      table.add(row("total", reports));
    }
    List<String> lines = new ArrayList<>(Columns.aligned(table));
    lines.add("");
    lines.add(verdict());
    return lines;
  }

  private String verdict() {
    long operations = sum(ReplayReport::operations);
    return allMatched()
        ? "OK: all %d operations answered as on Linux.".formatted(operations)
        : "NOT OK: %d of %d operations answered as on Linux."
            .formatted(sum(ReplayReport::matched), operations);
  }

  private long sum(ToLongFunction<ReplayReport> count) {
    return reports.stream().map(TimedReport::report).mapToLong(count).sum();
  }

  private static List<String> row(String name, List<TimedReport> of) {
    List<String> row = new ArrayList<>(List.of(name));
    for (ToLongFunction<ReplayReport> count : COUNTS) {
      row.add(Long.toString(of.stream().map(TimedReport::report).mapToLong(count).sum()));
    }
    long nanos = of.stream().mapToLong(TimedReport::nanos).sum();
    row.add(String.format(Locale.ROOT, "%.2f s", nanos / 1e9));
    return row;
  }
}

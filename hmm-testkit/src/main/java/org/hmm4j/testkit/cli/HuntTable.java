// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table at the end of a hunt: a line for each bug, and the verdict. */
final class HuntTable {

  private static final long FEW = 1_000;

  private final HuntReport report;

  HuntTable(HuntReport report) {
    this.report = report;
  }

  private long found() {
    return report.rows().stream()
        .filter(row -> row.found() != null && (report.clean() || !row.isOther()))
        .count();
  }

  /** Whether it came out as it should. */
  boolean isGood() {
    return found() == (report.clean() ? 0 : report.rows().size());
  }

  /** Whether a hunt met a failure that is not the bug's. */
  boolean hasOthers() {
    return !report.clean() && report.rows().stream().anyMatch(HuntRow::isOther);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(rows());
    lines.add(verdict());
    return lines;
  }

  /** All but the verdict. */
  List<String> rows() {
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        List.of(
            report.clean() ? "scenario" : "bug",
            report.clean() ? "alarm" : "found",
            "schedules",
            "ms",
            "rule",
            "operations",
            "steps",
            "switches"));
    report.rows().forEach(row -> cells.add(cells(row)));
    List<String> lines = new ArrayList<>(Columns.aligned(cells));
    lines.add("");
    if (hasOthers()) {
      report.rows().stream().filter(HuntRow::isOther).forEach(row -> lines.add(other(row)));
      lines.add("");
    }
    return lines;
  }

  /** How many schedules were needed, or were run in vain. */
  private static String other(HuntRow row) {
    return "%s failed in another way than the bug does: %s: %s"
        .formatted(row.bug(), row.found().verdict(), row.found().message());
  }

  private List<String> cells(HuntRow row) {
    HuntRow.Found found = row.found();
    return List.of(
        row.bug(),
        found == null ? "no" : report.clean() || !row.isOther() ? "yes" : "other",
        Long.toString(found == null ? row.schedules() : found.schedule()),
        String.format(Locale.ROOT, "%.0f", row.millis()),
        found == null ? "" : row.rule(),
        found == null ? "" : Integer.toString(found.operations()),
        found == null ? "" : Integer.toString(found.steps()),
        found == null ? "" : Integer.toString(found.switches()));
  }

  private String verdict() {
    long schedules = report.rows().stream().mapToLong(HuntRow::schedules).sum();
    String how = report.scheduler() + ", " + report.parts();
    if (report.clean()) {
      return "%s: %d alarms in %d schedules of %d scenarios (%s)."
          .formatted(isGood() ? "OK" : "NOT OK", found(), schedules, report.rows().size(), how);
    }
    long quickly =
        report.rows().stream()
            .filter(row -> row.found() != null && !row.isOther() && row.found().schedule() < FEW)
            .count();
    return "%s: %d of %d bugs found, %d of them in under %d schedules (%s)."
        .formatted(isGood() ? "OK" : "NOT OK", found(), report.rows().size(), quickly, FEW, how);
  }
}

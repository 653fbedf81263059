// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The results of a hunt, or of several added up.
 *
 * @param clean whether the engine was searched as it is
 * @param scheduler who chose
 * @param parts what was done
 * @param rows a row for each bug
 */
record HuntReport(boolean clean, String scheduler, HuntParts parts, List<HuntRow> rows) {

  /**
   * Adds up the parts of a hunt, and hunts with several seeds.
   *
   * @throws BadInputException if they can't be added
   */
  static HuntReport merge(List<HuntReport> reports) throws BadInputException {
    HuntReport first = reports.get(0);
    Map<String, HuntRow> rows = new LinkedHashMap<>();
    for (HuntReport report : reports) {
      if (report.clean != first.clean || !report.scheduler.equals(first.scheduler)) {
        throw new BadInputException(
            "these can't be added: a %s with %s and a %s with %s"
                .formatted(first.kind(), first.scheduler, report.kind(), report.scheduler),
            null);
      }
      if (!report.bugs().equals(first.bugs())) {
        throw new BadInputException(
            "these can't be added: %s and %s were not for the same bugs"
                .formatted(first.parts.done().get(0), report.parts.done().get(0)),
            null);
      }
      report.rows.forEach(row -> rows.merge(row.bug(), row, HuntRow::plus));
    }
    HuntParts parts = HuntParts.sum(reports.stream().map(HuntReport::parts).toList());
    return new HuntReport(first.clean, first.scheduler, parts, List.copyOf(rows.values()));
  }

  private Set<String> bugs() {
    return rows.stream().map(HuntRow::bug).collect(Collectors.toSet());
  }

  private String kind() {
    return clean ? "hunt on the engine as it is" : "hunt";
  }
}

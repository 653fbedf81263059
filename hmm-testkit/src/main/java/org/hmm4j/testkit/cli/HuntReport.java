// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The results of a hunt, or of several added up.
 *
 * @param clean whether the engine was searched as it is
 * @param scheduler who chose
 * @param seeds what the choices depended on
 * @param shards the parts that were done
 * @param rows a row for each bug
 */
record HuntReport(
    boolean clean, String scheduler, List<Long> seeds, List<String> shards, List<HuntRow> rows) {

  boolean isWhole() {
    return shards.equals(List.of(Shard.WHOLE.toString()));
  }

  /**
   * Adds up the parts of a hunt, and hunts with several seeds.
   *
   * @throws BadInputException if they can't be added
   */
  static HuntReport merge(List<HuntReport> reports) throws BadInputException {
    HuntReport first = reports.get(0);
    Map<String, HuntRow> rows = new LinkedHashMap<>();
    List<String> parts = new ArrayList<>();
    List<Long> seeds = new ArrayList<>();
    List<String> shards = new ArrayList<>();
    for (HuntReport report : reports) {
      if (report.clean != first.clean || !report.scheduler.equals(first.scheduler)) {
        throw new BadInputException(
            "these can't be added: a %s with %s and a %s with %s"
                .formatted(first.kind(), first.scheduler, report.kind(), report.scheduler),
            null);
      }
      for (String shard : report.shards) {
        String part = report.seeds + " " + shard;
        if (parts.contains(part)) {
          throw new BadInputException(
              "shard %s of seed %s is there twice".formatted(shard, report.seeds), null);
        }
        parts.add(part);
        shards.add(shard);
      }
      seeds.addAll(report.seeds);
      report.rows.forEach(row -> rows.merge(row.bug(), row, HuntRow::plus));
    }
    return new HuntReport(
        first.clean,
        first.scheduler,
        List.copyOf(new TreeSet<>(seeds)),
        List.copyOf(shards),
        List.copyOf(rows.values()));
  }

  private String kind() {
    return clean ? "hunt on the engine as it is" : "hunt";
  }
}

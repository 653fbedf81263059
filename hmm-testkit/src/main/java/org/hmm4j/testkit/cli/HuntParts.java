// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The parts of a hunt that were done. For each seed they are parts of one whole, and each is there
 * once.
 *
 * @param done in the order in which they were added
 */
record HuntParts(List<HuntPart> done) {

  /**
   * Adds up parts.
   *
   * @throws BadInputException if one is there twice, or a seed was cut up in two ways
   */
  static HuntParts sum(List<HuntParts> several) throws BadInputException {
    List<HuntPart> all = several.stream().flatMap(one -> one.done.stream()).toList();
    Set<HuntPart> seen = new HashSet<>();
    Map<Long, HuntPart> firsts = new TreeMap<>();
    for (HuntPart part : all) {
      if (!seen.add(part)) {
        throw new BadInputException(part + " is there twice", null);
      }
      HuntPart first = firsts.computeIfAbsent(part.seed(), seed -> part);
      if (first.shard().count() != part.shard().count()) {
        throw new BadInputException(
            "these can't be added: %s and %s".formatted(first, part.shard()), null);
      }
    }
    return new HuntParts(all);
  }

  /** Returns the parts that are missing, by seed. */
  List<HuntPart> missing() {
    Map<Long, Integer> counts = new TreeMap<>();
    done.forEach(part -> counts.put(part.seed(), part.shard().count()));
    Set<HuntPart> present = new HashSet<>(done);
    List<HuntPart> missing = new ArrayList<>();
    counts.forEach(
        (seed, count) -> {
          for (int number = 1; number <= count; number++) {
            HuntPart part = new HuntPart(seed, new Shard(number, count));
            if (!present.contains(part)) {
              missing.add(part);
            }
          }
        });
    return missing;
  }

  @Override
  public String toString() {
    return "seed %s, shard %s"
        .formatted(
            texts(done.stream().map(HuntPart::seed).sorted().toList()),
            texts(done.stream().map(HuntPart::shard).toList()));
  }

  private static String texts(List<?> values) {
    return String.join(", ", values.stream().map(String::valueOf).distinct().toList());
  }
}

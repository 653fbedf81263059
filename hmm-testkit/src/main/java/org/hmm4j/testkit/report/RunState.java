// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunSpan;
import org.hmm4j.testkit.record.RunSpan.Kind;

/**
 * What is held, open and valid after a step, in words.
 *
 * @param values by what it is about: {@code "left/1 holds"} to {@code "mutex 'a'"}
 */
record RunState(Map<String, String> values) {

  /** What is so before the first step. */
  static final RunState EMPTY = new RunState(Map.of());

  static RunState after(RunRecord record, int step) {
    Map<String, String> values = new LinkedHashMap<>();
    add(values, record, step, Kind.LOCK, " holds");
    add(values, record, step, Kind.SECTION, " reads");
    add(values, record, step, Kind.INVALIDATION, " invalidates");
    add(values, record, step, Kind.CALLBACK, " is in");
    record
        .sequences(step)
        .forEach((object, value) -> values.put("sequence of " + object, Long.toString(value)));
    record
        .validity(step)
        .forEach((range, value) -> values.put(range, value == 1 ? "valid" : "not valid"));
    return new RunState(values);
  }

  private static void add(
      Map<String, String> values, RunRecord record, int step, Kind kind, String verb) {
    for (RunSpan span : record.open(kind, step)) {
      String key = record.tasks().get(span.task()) + verb;
      values.merge(key, span.text(), (before, more) -> before + ", " + more);
    }
  }

  /** Says what is not as before; what is gone is {@code -}. */
  List<String> since(RunState before) {
    List<String> changes = new ArrayList<>();
    values.forEach(
        (key, value) -> {
          if (!value.equals(before.values.get(key))) {
            changes.add(key + ": " + value);
          }
        });
    before.values.keySet().stream()
        .filter(key -> !values.containsKey(key))
        .forEach(key -> changes.add(key + ": -"));
    return changes;
  }
}

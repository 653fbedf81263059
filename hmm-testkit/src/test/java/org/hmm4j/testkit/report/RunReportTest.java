// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.testkit.sim.Recorded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunReportTest {

  private static final int WIDTH = 120;

  /** Two tasks that poll two locks for ever. */
  private static RunReport livelock() {
    return FailedRuns.report(
        "polling",
        Recorded.failure(
            5_000,
            world -> {
              Mutex mutex = world.kernel().mutex("<b>&'\"</b>");
              for (String name : List.of("left", "</script><script>alert(1)</script>")) {
                world.spawn(
                    name,
                    () -> {
                      while (true) {
                        if (mutex.tryLock()) {
                          mutex.unlock();
                        }
                      }
                    });
              }
            }));
  }

  @Test
  void theTableFitsAndMarksWhatMatters() {
    for (RunReport report : List.of(FailedRuns.deadlock(), FailedRuns.race())) {
      for (String line : report.table()) {
        assertTrue(line.length() <= WIDTH, line);
      }
    }
    String table = String.join("\n", FailedRuns.deadlock().table());
    assertTrue(table.contains("DEADLOCK: no task can go on"), table);
    assertTrue(Pattern.compile("^>! +[0-9]", Pattern.MULTILINE).matcher(table).find(), table);
    assertTrue(table.contains("submit/1 holds: mutex 'mydev->update'"), table);
  }

  @Test
  void theTableOfARaceSaysWhatTheDriverDidNotSee() {
    String table = String.join("\n", FailedRuns.race().table());
    assertTrue(table.contains("cpu/2 invalidates: CLEAR"), table);
    assertTrue(table.contains("sequence of mm: 3"), table);
    assertTrue(table.contains("device page table"), table);
  }

  @Test
  void aPackageNameInTheMessageMarksNothing() {
    RunReport race = FailedRuns.race();
    RunReport report =
        RunReport.of(
            "race", "ASSERTION", "task main/0 threw org.hmm4j.Broken: stale", race.record());
    assertTrue(race.record().events().stream().anyMatch(event -> event.object().equals("mm")));
    assertFalse(report.suspects().contains("mm"), report.suspects()::toString);
    assertTrue(
        RunReport.of("race", "ASSERTION", "mm is gone", race.record()).suspects().contains("mm"));
  }

  @Test
  void aLongRunIsFolded() {
    RunReport report = livelock();
    assertTrue(report.record().steps().size() > 4_000);
    assertTrue(report.table().size() < 300, report.table().size() + " lines");
    String table = String.join("\n", report.table());
    assertTrue(table.contains("repeat the same 6 steps"), table);
    assertTrue(Pattern.compile("\\.\\.\\. \\d{4} steps \\.\\.\\.").matcher(table).find(), table);
  }

  @Test
  void thePageLoadsNothingAndEscapesEverything() {
    RunReport report = livelock();
    String page = report.html();
    assertFalse(page.contains("{{"), "a part is missing");
    assertEquals(2, page.split("<script").length - 1, "a text of the run became a script");
    assertFalse(page.contains("<b>"));
    String strange =
        new RunReport(
                "<i>title</i> {{data}}",
                "<i>",
                "<i>",
                List.of("<i>"),
                List.of("<i>"),
                Set.of(),
                report.record())
            .html();
    assertFalse(strange.contains("<i>"));
    assertTrue(strange.contains("&lt;i&gt;title&lt;/i&gt; {{data}}"));
    String withoutNames = page.replace("http://www.w3.org/2000/svg", "");
    assertFalse(Pattern.compile("https?:|src=|@import|url\\((?!#)").matcher(withoutNames).find());
  }

  @Test
  void thePageHoldsDataThatParses() {
    Matcher data =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(livelock().html());
    assertTrue(data.find());
    Map<String, Object> read = Json.object(Json.read(data.group(1)));
    List<Map<String, Object>> steps = Json.objects(read.get("steps"));
    assertEquals(2_000, steps.size());
    long first = (Long) read.get("first");
    assertTrue(first > 2_000);
    assertEquals(
        List.of("main/0", "left/1", "</script><script>alert(1)</script>/2"), read.get("tasks"));
  }

  private static List<Map<String, Object>> traceEvents(RunReport report) {
    return Json.objects(Json.object(Json.read(report.trace())).get("traceEvents"));
  }

  private static List<Map<String, Object>> ofPhase(List<Map<String, Object>> events, String phase) {
    return events.stream().filter(event -> event.get("ph").equals(phase)).toList();
  }

  @Test
  void slicesOfATrackLieWithinEachOther() {
    for (RunReport report : List.of(FailedRuns.deadlock(), FailedRuns.race(), overlap())) {
      ofPhase(traceEvents(report), "X").stream()
          .collect(Collectors.groupingBy(event -> event.get("tid")))
          .values()
          .forEach(RunReportTest::assertNested);
    }
  }

  /** Locks that are not given back in the reverse order. */
  private static RunReport overlap() {
    return FailedRuns.report(
        "overlap",
        Recorded.failure(
            5_000,
            world -> {
              Mutex a = world.kernel().mutex("a");
              Mutex b = world.kernel().mutex("b");
              a.lock();
              b.lock();
              a.unlock();
              a.lock();
              b.unlock();
              throw new IllegalStateException("enough");
            }));
  }

  private static void assertNested(List<Map<String, Object>> slices) {
    for (Map<String, Object> one : slices) {
      for (Map<String, Object> other : slices) {
        long from = (Long) one.get("ts");
        long to = from + (Long) one.get("dur");
        long otherFrom = (Long) other.get("ts");
        long otherTo = otherFrom + (Long) other.get("dur");
        assertFalse(from < otherFrom && otherFrom < to && to < otherTo, one + " and " + other);
      }
    }
  }

  @Test
  void whatOverlapsHasATrackOfItsOwn() {
    List<Object> names =
        ofPhase(traceEvents(overlap()), "M").stream()
            .filter(event -> event.get("name").equals("thread_name"))
            .map(event -> Json.object(event.get("args")).get("name"))
            .toList();
    assertEquals(List.of("main/0", "main/0 (2)"), names);
  }

  @Test
  void everyArrowHasTwoEndsAndLeadsForward() {
    List<Map<String, Object>> events = traceEvents(FailedRuns.race());
    Map<Object, Object> starts =
        ofPhase(events, "s").stream()
            .collect(Collectors.toMap(event -> event.get("id"), event -> event.get("ts")));
    List<Map<String, Object>> ends = ofPhase(events, "f");
    assertFalse(ends.isEmpty());
    assertEquals(starts.size(), ends.size());
    for (Map<String, Object> end : ends) {
      assertTrue((Long) starts.get(end.get("id")) < (Long) end.get("ts"), end.toString());
    }
    assertFalse(ofPhase(events, "C").isEmpty(), "no sequence numbers");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hmm4j.testkit.record.RunLoop;
import org.hmm4j.testkit.record.RunRecord;
import org.hmm4j.testkit.record.RunStep;
import org.hmm4j.testkit.record.RunTask;
import org.hmm4j.testkit.record.WaitForGraph;

/**
 * A failed run, ready to be shown: as a table, as a page for a browser, or as a trace file.
 *
 * @param title what was run
 * @param verdict what is wrong, in a word or two
 * @param message what happened
 * @param explanation why, in sentences; may be empty
 * @param picture the wait-for graph of a run in which nobody can go on, or empty
 * @param suspects the objects that the failure is about
 * @param record the run
 */
public record RunReport(
    String title,
    String verdict,
    String message,
    List<String> explanation,
    List<String> picture,
    Set<String> suspects,
    RunRecord record) {

  /**
   * Reads the explanation and the objects of the failure from the run: the cycle of a dead-lock,
   * the loop of a run that does not end, otherwise what the message names and what the task that
   * failed did last.
   *
   * @param title what was run
   * @param verdict what is wrong, in a word or two
   * @param message what happened
   * @param record the run
   * @return the report
   */
  public static RunReport of(String title, String verdict, String message, RunRecord record) {
    Objects.requireNonNull(title, "title");
    boolean threw = record.tasks().stream().anyMatch(task -> task.thrown().isPresent());
    if (threw || record.unended().isEmpty()) {
      return new RunReport(
          title, verdict, message, List.of(), List.of(), suspects(message, record), record);
    }
    WaitForGraph graph = WaitForGraph.of(record);
    boolean stuck = graph.waits().size() == record.unended().size();
    Optional<RunLoop> loop = stuck ? Optional.empty() : RunLoop.of(record);
    List<String> words = new ArrayList<>(loop.map(RunLoop::words).orElse(List.of()));
    words.addAll(graph.words());
    Set<String> suspects = new LinkedHashSet<>();
    loop.ifPresent(found -> found.steps().forEach(step -> suspects.add(step.object())));
    graph.waits().forEach(wait -> suspects.add(wait.object()));
    return new RunReport(
        title,
        verdict,
        message,
        List.copyOf(words),
        stuck ? List.copyOf(graph.picture()) : List.of(),
        Set.copyOf(suspects),
        record);
  }

  private static Set<String> suspects(String message, RunRecord record) {
    Mentions mentions = new Mentions(message);
    Set<String> suspects = new LinkedHashSet<>();
    for (RunStep step : record.steps()) {
      if (step.step().isPresent() && mentions.names(step.object())) {
        suspects.add(step.object());
      }
    }
    record.events().stream()
        .filter(event -> mentions.names(event.object()))
        .forEach(event -> suspects.add(event.object()));
    for (RunTask task : record.tasks()) {
      if (task.thrown().isPresent()) {
        record.steps().stream()
            .filter(step -> step.task() == task.id() && step.step().isPresent())
            .reduce((first, second) -> second)
            .ifPresent(step -> suspects.add(step.object()));
      }
    }
    return Set.copyOf(suspects);
  }

  /**
   * Draws the run as a table: a column for each task, a row for each step, and what is held, open
   * and valid. Long runs are folded to what matters.
   *
   * @return the lines, at most 120 columns wide for up to four tasks
   */
  public List<String> table() {
    return new ScheduleTable(this).lines();
  }

  /**
   * Draws the run as a page for a browser, in one file that loads nothing.
   *
   * @return HTML
   */
  public String html() {
    return new TimelinePage(this).html();
  }

  /**
   * Writes the run as Chrome trace events, which Perfetto opens (ui.perfetto.dev). A step takes a
   * microsecond there.
   *
   * @return JSON
   */
  public String trace() {
    return new PerfettoTrace(this).json();
  }
}

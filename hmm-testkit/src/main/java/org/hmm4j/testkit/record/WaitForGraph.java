// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who waits for what at the end of a run, and who has it: the graph whose cycles are dead-locks.
 *
 * @param record the run
 * @param waits one for each task that sleeps at the end, in order of the tasks
 */
public record WaitForGraph(RunRecord record, List<Wait> waits) {

  /** What the set-up of a run waits for when it waits for all. */
  public static final String OTHER_TASKS = "the other tasks";

  /**
   * A task that waits.
   *
   * @param task who
   * @param object for what
   * @param holders who has that; empty if that is not something one holds, such as a wait queue
   */
  public record Wait(int task, String object, List<Integer> holders) {}

  /**
   * Reads the graph from a run.
   *
   * @param record a run that did not end
   * @return its waits at the end
   */
  public static WaitForGraph of(RunRecord record) {
    List<Wait> waits = new ArrayList<>();
    for (RunTask task : record.unended()) {
      record.openAtEnd(RunSpan.Kind.SLEEP).stream()
          .filter(span -> span.task() == task.id())
          .findFirst()
          .ifPresent(
              span ->
                  waits.add(new Wait(task.id(), span.object(), holders(record, task.id(), span))));
    }
    return new WaitForGraph(record, List.copyOf(waits));
  }

  private static List<Integer> holders(RunRecord record, int waiter, RunSpan sleep) {
    String object = sleep.object();
    Set<Integer> holders = new LinkedHashSet<>();
    for (RunTask other : record.unended()) {
      boolean all = object.equals(OTHER_TASKS) && other.id() != waiter;
      if (all || object.equals("task " + other)) {
        holders.add(other.id());
      }
    }
    String mm = record.awaited().get(object);
    for (RunSpan span : record.spans()) {
      boolean has =
          switch (span.kind()) {
            case LOCK, SECTION -> span.object().equals(object);
            case INVALIDATION -> span.object().equals(mm);
            default -> false;
          };
      if (has && !span.ended()) {
        holders.add(span.task());
      }
    }
    return List.copyOf(holders);
  }

  /**
   * Finds the dead-locks.
   *
   * @return the shortest cycle through each task that is in one, each cycle once, beginning with
   *     its lowest task
   */
  public List<List<Wait>> cycles() {
    List<List<Wait>> cycles = new ArrayList<>();
    Set<Set<Wait>> seen = new LinkedHashSet<>();
    for (Wait start : waits) {
      List<Wait> cycle = cycleFrom(start);
      if (!cycle.isEmpty() && seen.add(Set.copyOf(cycle))) {
        cycles.add(cycle);
      }
    }
    return cycles;
  }

  /** Looks in breadth for the way back to a task; empty if there is none. */
  private List<Wait> cycleFrom(Wait start) {
    Wait[] before = new Wait[record.tasks().size()];
    ArrayDeque<Wait> next = new ArrayDeque<>(List.of(start));
    while (!next.isEmpty()) {
      Wait here = next.remove();
      for (int holder : here.holders()) {
        if (holder == start.task()) {
          return path(before, start, here);
        }
        Optional<Wait> further = waitOf(holder);
        if (further.isPresent() && before[holder] == null) {
          before[holder] = here;
          next.add(further.get());
        }
      }
    }
    return List.of();
  }

  private static List<Wait> path(Wait[] before, Wait start, Wait end) {
    List<Wait> path = new ArrayList<>();
    for (Wait at = end; at != start; at = before[at.task()]) {
      path.add(at);
    }
    path.add(start);
    Collections.reverse(path);
    return path;
  }

  /**
   * Returns what a task waits for.
   *
   * @param task its number
   * @return its wait, or empty if it does not sleep
   */
  public Optional<Wait> waitOf(int task) {
    return waits.stream().filter(wait -> wait.task() == task).findFirst();
  }

  /**
   * Tells the graph, cycles first.
   *
   * @return sentences
   */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    Set<Wait> told = new LinkedHashSet<>();
    for (List<Wait> cycle : cycles()) {
      words.add(inWords(cycle));
      told.addAll(cycle);
    }
    for (Wait wait : waits) {
      if (!told.contains(wait)) {
        words.add(inWords(wait));
      }
    }
    return words;
  }

  private String inWords(List<Wait> cycle) {
    StringBuilder text = new StringBuilder(name(cycle.get(0).task()));
    for (int i = 0; i < cycle.size(); i++) {
      int holder = cycle.get((i + 1) % cycle.size()).task();
      boolean last = i == cycle.size() - 1;
      text.append(i == 0 ? " waits for " : ", which waits for ")
          .append(cycle.get(i).object())
          .append(", held by ")
          .append(last && cycle.size() == 1 ? "itself" : name(holder));
    }
    return text.append('.').toString();
  }

  private String inWords(Wait wait) {
    String text = name(wait.task()) + " waits for " + wait.object();
    if (wait.object().equals(OTHER_TASKS)) {
      return text + ".";
    }
    if (wait.holders().isEmpty()) {
      return text + ", which nobody holds: it has to be woken.";
    }
    return text
        + ", held by "
        + wait.holders().stream().map(this::name).collect(Collectors.joining(" and "))
        + ".";
  }

  private String name(int task) {
    return record.tasks().get(task).toString();
  }

  /**
   * Draws the cycles, or all waits if there is none: a box for each task with what it holds and
   * wants, and an arrow to who has that.
   *
   * @return the lines
   */
  public List<String> picture() {
    List<List<Wait>> chains = cycles();
    if (chains.isEmpty()) {
      chains = waits.stream().map(List::of).toList();
    }
    List<String> lines = new ArrayList<>();
    for (List<Wait> chain : chains) {
      for (Wait wait : chain) {
        lines.addAll(box(wait));
        if (!wait.holders().isEmpty()) {
          lines.add("      |");
          lines.add("      v  held by");
        }
      }
      Wait last = chain.get(chain.size() - 1);
      last.holders().forEach(holder -> lines.add("  [ " + name(holder) + " ]"));
      lines.add("");
    }
    return lines;
  }

  private List<String> box(Wait wait) {
    List<String> texts = new ArrayList<>(List.of(name(wait.task())));
    for (RunSpan.Kind kind :
        List.of(RunSpan.Kind.LOCK, RunSpan.Kind.SECTION, RunSpan.Kind.INVALIDATION)) {
      record.openAtEnd(kind).stream()
          .filter(span -> span.task() == wait.task())
          .forEach(span -> texts.add("  holds " + span.text()));
    }
    texts.add("  wants " + wait.object());
    int width = texts.stream().mapToInt(String::length).max().orElse(0);
    String border = "  +" + "-".repeat(width + 2) + "+";
    List<String> box = new ArrayList<>(List.of(border));
    texts.forEach(text -> box.add("  | " + text + " ".repeat(width - text.length()) + " |"));
    box.add(border);
    return box;
  }
}

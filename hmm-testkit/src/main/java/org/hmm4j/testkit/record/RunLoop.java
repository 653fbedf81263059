// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a run that does not end does over and over: the same steps of the same tasks on the same
 * objects, as often as the end of the record shows. Objects that are made anew each time count as
 * the same if only their numbers differ.
 *
 * @param record the run
 * @param from the first step of the first time
 * @param period the steps of one time
 * @param times how often, 3 or more
 */
public record RunLoop(RunRecord record, int from, int period, int times) {

  /** How much of the end is looked at: loops are short, runs that hang are long. */
  private static final int WINDOW = 8_192;

  private static final int MIN_TIMES = 3;

  /**
   * Looks for a loop.
   *
   * @param record a run that used up its budget
   * @return the shortest loop at its end, or empty if its end does not repeat three times
   */
  public static Optional<RunLoop> of(RunRecord record) {
    int size = record.steps().size();
    int window = Math.min(size, WINDOW);
    List<String> backwards = new ArrayList<>(window);
    for (int i = 0; i < window; i++) {
      RunStep step = record.steps().get(size - 1 - i);
      backwards.add(step.task() + " " + step.text().replaceAll("#\\d+|0x[0-9a-f]+", ""));
    }
    int[] same = sameAsBeginning(backwards);
    for (int period = 1; period <= window / MIN_TIMES; period++) {
      int times = (period + same[period]) / period;
      if (times >= MIN_TIMES) {
        return Optional.of(new RunLoop(record, size - times * period, period, times));
      }
    }
    return Optional.empty();
  }

  /** For each place, how far the list from there on is as from its beginning: the Z function. */
  private static int[] sameAsBeginning(List<String> list) {
    int size = list.size();
    int[] same = new int[size + 1];
    int left = 0;
    int right = 0;
    for (int i = 1; i < size; i++) {
      int length = i < right ? Math.min(right - i, same[i - left]) : 0;
      while (i + length < size && list.get(length).equals(list.get(i + length))) {
        length++;
      }
      same[i] = length;
      if (i + length > right) {
        left = i;
        right = i + length;
      }
    }
    return same;
  }

  /**
   * Returns one time of the loop.
   *
   * @return the last steps
   */
  public List<RunStep> steps() {
    int size = record.steps().size();
    return record.steps().subList(size - period, size);
  }

  /**
   * Returns who runs and does not get on.
   *
   * @return the tasks of the loop
   */
  public Set<Integer> repeating() {
    return steps().stream().map(RunStep::task).collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Returns who never gets his turn while others repeat: tasks that sleep for something else than
   * the end of other tasks.
   *
   * @return their waits
   */
  public List<WaitForGraph.Wait> starving() {
    Set<Integer> repeating = repeating();
    return WaitForGraph.of(record).waits().stream()
        .filter(wait -> !repeating.contains(wait.task()))
        .filter(wait -> !wait.object().equals(WaitForGraph.OTHER_TASKS))
        .filter(wait -> !wait.object().startsWith("task "))
        .toList();
  }

  /**
   * Returns whether somebody starves; otherwise all who are left repeat, a live-lock.
   *
   * @return true if there is anybody {@link #starving}
   */
  public boolean isStarvation() {
    return !starving().isEmpty();
  }

  /**
   * Tells the loop.
   *
   * @return sentences
   */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    String who = repeating().stream().map(this::name).collect(Collectors.joining(", "));
    String verb = repeating().size() == 1 ? " repeats " : " repeat ";
    words.add(
        "%s%sthe same %d %s, %d times and more, and %s."
            .formatted(
                who,
                verb,
                period,
                period == 1 ? "step" : "steps",
                times,
                repeating().size() == 1 ? "does not get on" : "nobody gets on"));
    for (WaitForGraph.Wait wait : starving()) {
      words.add(
          "%s starves: it waits for %s%s while the others go round."
              .formatted(name(wait.task()), wait.object(), holders(wait)));
    }
    return words;
  }

  private String holders(WaitForGraph.Wait wait) {
    return wait.holders().isEmpty()
        ? ""
        : wait.holders().stream()
            .map(this::name)
            .collect(Collectors.joining(" and ", ", held by ", ""));
  }

  private String name(int task) {
    return record.tasks().get(task).toString();
  }
}

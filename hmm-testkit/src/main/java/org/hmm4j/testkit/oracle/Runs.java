// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * An immutable list, kept and written run-length coded. Equal lists have equal runs, however they
 * were made.
 *
 * @param <T> what is listed; its {@code toString} is what a trace says
 */
public final class Runs<T> {

  private final List<Run<T>> runs;
  private final int size;

  private Runs(List<Run<T>> runs, int size) {
    this.runs = List.copyOf(runs);
    this.size = size;
  }

  /**
   * Makes a list.
   *
   * @param <T> what is listed
   * @param items the items, in order
   * @return the list
   */
  public static <T> Runs<T> of(Iterable<T> items) {
    Builder<T> builder = new Builder<>();
    items.forEach(item -> builder.add(item, 1));
    return builder.build();
  }

  /**
   * Returns how many items the list has, those of a run counted one by one.
   *
   * @return the number of items
   */
  public int size() {
    return size;
  }

  /**
   * Returns the items one by one.
   *
   * @return a new list of {@link #size} items
   */
  public List<T> items() {
    List<T> items = new ArrayList<>(size);
    for (Run<T> run : runs) {
      for (int i = 0; i < run.count; i++) {
        items.add(run.item);
      }
    }
    return items;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Runs<?> that && runs.equals(that.runs);
  }

  @Override
  public int hashCode() {
    return runs.hashCode();
  }

  /**
   * Returns the list as it stands in a trace.
   *
   * @return the runs, each with a space before it; empty for an empty list
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    runs.forEach(run -> text.append(' ').append(run));
    return text.toString();
  }

  private record Run<T>(T item, int count) {

    @Override
    public String toString() {
      return count == 1 ? item.toString() : item + "*" + count;
    }
  }

  /** Collects runs and joins neighbours that are equal. */
  static final class Builder<T> {

    private final List<Run<T>> runs = new ArrayList<>();
    private int size;

    void add(T item, int count) {
      Objects.requireNonNull(item, "item");
      int last = runs.size() - 1;
      if (last >= 0 && runs.get(last).item.equals(item)) {
        runs.set(last, new Run<>(item, runs.get(last).count + count));
      } else {
        runs.add(new Run<>(item, count));
      }
      size += count;
    }

    int size() {
      return size;
    }

    Runs<T> build() {
      return new Runs<>(runs, size);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A scenario made of operations: a set-up, and tasks that do a list of operations each. So a
 * failure can be shrunk to the operations, tasks and pages that it needs.
 *
 * <pre>{@code
 * Program<Stage> program =
 *     Program.on(16, Stage::new)
 *         .setup(Stage.map(0, 16))
 *         .task("cpu", Stage.write(4, 1), Stage.unmap(0, 8))
 *         .task("device", Stage.fault(0, 8))
 *         .atEnd(Stage::checkTables);
 * }</pre>
 *
 * <p>Immutable; each method returns a changed copy. An operation has to stand the absence of any
 * other: where it needs what another makes, it does nothing without it.
 *
 * @param <S> the stage: what operations act on, made anew for each run
 */
public final class Program<S> implements ShrinkableScenario {

  /**
   * Makes a stage.
   *
   * @param <S> the stage
   */
  @FunctionalInterface
  public interface StageFactory<S> {

    /**
     * Makes the stage of one run, in task 0.
     *
     * @param world the world of the run
     * @param pages how many pages the program may use
     * @return the stage
     */
    S create(SimWorld world, int pages);
  }

  /** A task and the operations that were given to it. */
  private record Part<S>(String name, List<Operation<S>> operations) {}

  private final StageFactory<S> factory;
  private final int allPages;
  private final int pages;
  private final List<Operation<S>> setup;
  private final List<Part<S>> parts;
  private final Consumer<? super S> end;

  /** The operations left out, numbered from the set-up on through all tasks. */
  private final BitSet without;

  private Program(
      StageFactory<S> factory,
      int allPages,
      int pages,
      List<Operation<S>> setup,
      List<Part<S>> parts,
      Consumer<? super S> end,
      BitSet without) {
    this.factory = factory;
    this.allPages = allPages;
    this.pages = pages;
    this.setup = List.copyOf(setup);
    this.parts = List.copyOf(parts);
    this.end = end;
    this.without = without;
  }

  /**
   * Begins a program.
   *
   * @param <S> the stage
   * @param pages how many pages it may use, 1 or more
   * @param factory makes the stage
   * @return a program that does nothing
   * @throws IllegalArgumentException if pages is below 1
   */
  public static <S> Program<S> on(int pages, StageFactory<S> factory) {
    if (pages < 1) {
      throw new IllegalArgumentException("a program needs a page: " + pages);
    }
    Objects.requireNonNull(factory, "factory");
    return new Program<>(factory, pages, pages, List.of(), List.of(), s -> {}, new BitSet());
  }

  /**
   * Adds operations that are done before the tasks start. Not after a task was added.
   *
   * @param operations what to do, in order
   * @return the longer program
   * @throws IllegalStateException if it has tasks already
   */
  @SafeVarargs
  public final Program<S> setup(Operation<S>... operations) {
    if (!parts.isEmpty()) {
      throw new IllegalStateException("the set-up comes before the tasks");
    }
    List<Operation<S>> all = new ArrayList<>(setup);
    for (Operation<S> operation : operations) {
      all.add(operation);
    }
    return new Program<>(factory, allPages, pages, all, parts, end, without);
  }

  /**
   * Adds a task.
   *
   * @param name what reports call it
   * @param operations what it does, in order
   * @return the longer program
   */
  @SafeVarargs
  public final Program<S> task(String name, Operation<S>... operations) {
    Objects.requireNonNull(name, "name");
    List<Operation<S>> own = new ArrayList<>();
    for (Operation<S> operation : operations) {
      own.add(operation);
    }
    List<Part<S>> all = new ArrayList<>(parts);
    all.add(new Part<>(name, List.copyOf(own)));
    return new Program<>(factory, allPages, pages, setup, all, end, without);
  }

  /**
   * Sets what is checked and torn down when all tasks have ended.
   *
   * @param check throws what fails the run
   * @return the program with this end
   */
  public Program<S> atEnd(Consumer<? super S> check) {
    return new Program<>(factory, allPages, pages, setup, parts, check, without);
  }

  @Override
  public void run(SimWorld world) {
    S stage = factory.create(world, pages);
    int number = 0;
    for (Operation<S> operation : setup) {
      if (!without.get(number++)) {
        operation.action().accept(stage);
      }
    }
    for (Part<S> part : parts) {
      List<Operation<S>> kept = new ArrayList<>();
      for (Operation<S> operation : part.operations) {
        if (!without.get(number++)) {
          kept.add(operation);
        }
      }
      if (!kept.isEmpty()) {
        world.spawn(
            part.name,
            () -> {
              for (Operation<S> operation : kept) {
                operation.action().accept(stage);
              }
            });
      }
    }
    world.atEnd(() -> end.accept(stage));
  }

  /**
   * Returns how many operations are left.
   *
   * @return the operations of the set-up and of all tasks
   */
  public int operations() {
    return total() - without.cardinality();
  }

  private int total() {
    return setup.size() + parts.stream().mapToInt(part -> part.operations.size()).sum();
  }

  @Override
  public List<Program<S>> smaller() {
    List<Program<S>> all = new ArrayList<>();
    int number = setup.size();
    for (Part<S> part : parts) {
      int after = number + part.operations.size();
      if (without.nextClearBit(number) < after) {
        all.add(without(number, after));
      }
      number = after;
    }
    for (int i = without.nextClearBit(0); i < total(); i = without.nextClearBit(i + 1)) {
      all.add(without(i, i + 1));
    }
    if (pages > 1) {
      all.add(new Program<>(factory, allPages, pages / 2, setup, parts, end, without));
    }
    return all;
  }

  private Program<S> without(int first, int after) {
    BitSet fewer = (BitSet) without.clone();
    fewer.set(first, after);
    return new Program<>(factory, allPages, pages, setup, parts, end, fewer);
  }

  /** Says what was left out: the numbers of operations, and the pages if there are fewer. */
  @Override
  public String variant() {
    StringBuilder text = new StringBuilder();
    without.stream().forEach(i -> text.append(text.isEmpty() ? "" : ",").append(i));
    return pages == allPages ? text.toString() : text.append("/").append(pages).toString();
  }

  @Override
  public Program<S> variant(String text) {
    BitSet fewer = new BitSet();
    int left = allPages;
    try {
      int slash = text.indexOf('/');
      if (slash >= 0) {
        left = Integer.parseInt(text.substring(slash + 1));
      }
      String numbers = slash < 0 ? text : text.substring(0, slash);
      for (String number : numbers.isEmpty() ? new String[0] : numbers.split(",")) {
        fewer.set(Integer.parseInt(number));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("no variant of a program: '" + text + "'", e);
    }
    if (fewer.length() > total() || left < 1 || left > allPages) {
      throw new IllegalArgumentException(
          "no variant of a program with %d operations and %d pages: '%s'"
              .formatted(total(), allPages, text));
    }
    return new Program<>(factory, allPages, left, setup, parts, end, fewer);
  }

  /** Lists what is done: a line for the set-up and one for each task. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("pages " + pages);
    int number = line(text, "set-up", setup, 0);
    for (Part<S> part : parts) {
      number = line(text, part.name, part.operations, number);
    }
    return text.toString();
  }

  private int line(StringBuilder text, String name, List<Operation<S>> operations, int first) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      if (!without.get(first + i)) {
        kept.add(operations.get(i).text());
      }
    }
    if (!kept.isEmpty()) {
      text.append("\n").append(name).append(": ").append(String.join("; ", kept));
    }
    return first + operations.size();
  }
}

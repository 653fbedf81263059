// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.machine.Task;

/** The text of a report about locks: lines, stacks, two columns and the list of holds. */
final class LockText {

  private static final String RULE = "-".repeat(54);
  private static final int SECOND_COLUMN = 34;

  private final StringBuilder text = new StringBuilder();

  LockText(String title) {
    text.append(title);
    line("");
    text.append(RULE);
    line("");
  }

  void line(String line) {
    text.append(line).append('\n');
  }

  void stack(LockSite site) {
    site.frames().forEach(frame -> line("       at " + frame));
  }

  void columns(String first, String second) {
    int gap = second.isEmpty() ? 0 : Math.max(1, SECOND_COLUMN - first.length());
    line(first + " ".repeat(gap) + second);
  }

  /**
   * Lists what a task holds: {@code lockdep_print_held_locks}.
   *
   * @param validator knows where it was taken; null without lockdep
   */
  static String holds(Task task, HeldLocks held, LockValidator validator) {
    StringBuilder text = new StringBuilder(heading(task, held.depth()));
    for (int at = 0; at < held.depth(); at++) {
      text.append("\n #").append(at).append(": ").append(hold(held, at, validator));
    }
    return text.toString();
  }

  /** Describes one hold. */
  static String hold(HeldLocks held, int at, LockValidator validator) {
    String lock = held.lock(at) + " taken " + held.mode(at);
    return held.type(at) == null
        ? lock
        : "%s, %s, at: %s"
            .formatted(held.type(at).describe(), lock, validator.site(held, at).line());
  }

  private static String heading(Task task, int count) {
    return switch (count) {
      case 0 -> "no locks held by " + task + ".";
      case 1 -> "1 lock held by " + task + ":";
      default -> count + " locks held by " + task + ":";
    };
  }

  @Override
  public String toString() {
    return text.toString();
  }
}

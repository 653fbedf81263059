// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import java.util.stream.Collectors;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * Tells what is wrong with an acquisition, laid out as readers of kernel logs know it: {@code
 * print_circular_bug}, {@code print_deadlock_bug}, {@code print_bad_irq_dependency} and {@code
 * print_usage_bug}, kernel/locking/lockdep.c. The guard of the {@link LockValidator} is held.
 */
final class LockReport {

  private final Acquisition wanted;
  private final HeldLocks held;
  private final LockValidator validator;

  LockReport(Acquisition wanted, LockValidator validator) {
    this.wanted = wanted;
    this.held = wanted.self().locks();
    this.validator = validator;
  }

  /**
   * A lock that has to come before one that is held.
   *
   * @param from the class that is held
   * @param back the path from the wanted class to it
   */
  KernelBug circle(LockClass from, List<LockEdge> back) {
    LockText text = new LockText("possible circular locking dependency detected");
    wants(text);
    text.line("but it holds, at the other end of the order known so far:");
    text.line(" " + hold(held.find(from)));
    text.line("");
    text.line("the existing dependency chain (in reverse order) is:");
    for (int i = back.size() - 1; i >= 0; i--) {
      LockEdge edge = back.get(i);
      text.line("");
      text.line("-> #" + (i + 1) + " " + edge.to().describe() + ":");
      text.stack(edge.takenAt());
      text.line("     under (" + edge.from() + "), at: " + edge.heldAt().line());
    }
    text.line("");
    text.line("-> #0 " + wanted.type().describe() + ":");
    text.stack(wanted.site());
    text.line("");
    if (back.size() > 1) {
      text.line("Chain exists of:");
      text.line("  " + names(wanted.type(), back));
      text.line("");
    }
    LockClass beforeIt = back.get(back.size() - 1).from();
    text.line(" Possible unsafe locking scenario:");
    text.line("");
    text.columns("       task 0", "task 1");
    text.columns("       ----", "----");
    text.columns("  lock(" + from + ");", "");
    text.columns("", "lock(" + beforeIt + ");");
    text.columns("", "lock(" + from + ");");
    text.columns("  lock(" + wanted.type() + ");", "");
    text.line("");
    return bug(Rule.LOCK_ORDER, text);
  }

  /** A second lock of a class. */
  KernelBug recursion(int same) {
    LockText text = new LockText("possible recursive locking detected");
    wants(text);
    text.line("but it holds a lock of that class:");
    text.line(" " + hold(same));
    text.line("");
    text.line(" Possible unsafe locking scenario:");
    text.line("");
    text.line("       task 0");
    text.line("       ----");
    text.line("  lock(" + held.type(same) + ");");
    text.line("  lock(" + wanted.type() + ");");
    text.line("");
    text.line(" If their order is fixed, the inner one is taken with a subclass (lockNested).");
    text.line("");
    return bug(Rule.RECURSIVE_LOCK, text);
  }

  /**
   * A lock of interrupts before one that is taken with interrupts enabled.
   *
   * @param from the class of the new edge to the wanted one, or null if there is none
   * @param fromSafe the path from the lock of interrupts
   * @param toUnsafe the path to the other
   */
  KernelBug irqOrder(LockClass from, List<LockEdge> fromSafe, List<LockEdge> toUnsafe) {
    LockClass middle = from == null ? wanted.type() : from;
    LockClass safe = fromSafe.isEmpty() ? middle : fromSafe.get(0).from();
    LockClass unsafe = toUnsafe.isEmpty() ? wanted.type() : toUnsafe.get(toUnsafe.size() - 1).to();
    LockText text = new LockText("HARDIRQ-safe -> HARDIRQ-unsafe lock order detected");
    wants(text);
    text.line("which makes the first of these come before the second.");
    text.line("");
    text.line("HARDIRQ-safe " + safe.describe() + ", taken in an interrupt:");
    text.stack(wanted.usageSite(safe, LockClass.USED_IN_HARDIRQ));
    text.line("");
    text.line("HARDIRQ-unsafe " + unsafe.describe() + ", taken with interrupts enabled:");
    text.stack(wanted.usageSite(unsafe, LockClass.UNSAFE));
    text.line("");
    text.line("Chain exists of:");
    String start = names(safe, fromSafe);
    text.line(
        "  "
            + start
            + (from == null ? names("", toUnsafe) : " --> " + names(wanted.type(), toUnsafe)));
    text.line("");
    text.line(" Possible interrupt unsafe locking scenario:");
    text.line("");
    text.columns("       task 0", "task 1");
    text.columns("       ----", "----");
    text.columns("  lock(" + unsafe + ");", "");
    text.columns("", "local_irq_disable();");
    text.columns("", "lock(" + safe + ");");
    text.columns("", "lock(" + unsafe + ");");
    text.columns("  <Interrupt>", "");
    text.columns("    lock(" + safe + ");", "");
    text.line("");
    return bug(Rule.IRQ_UNSAFE, text);
  }

  /** A lock that is taken in interrupts and with interrupts enabled. */
  KernelBug irqState() {
    boolean nowInIrq = (wanted.usage() & LockClass.USED_IN_HARDIRQ) != 0;
    LockText text = new LockText("inconsistent lock state");
    text.line(
        nowInIrq ? "{HARDIRQ-ON} -> {IN-HARDIRQ} usage." : "{IN-HARDIRQ} -> {HARDIRQ-ON} usage.");
    wants(text);
    text.line((nowInIrq ? "{HARDIRQ-ON}" : "{IN-HARDIRQ}") + " state was registered at:");
    int before = nowInIrq ? LockClass.UNSAFE : LockClass.USED_IN_HARDIRQ;
    text.stack(wanted.type().usageSite(before));
    text.line("");
    text.line(" Possible unsafe locking scenario:");
    text.line("");
    text.line("       task 0");
    text.line("       ----");
    text.line("  lock(" + wanted.type() + ");");
    text.line("  <Interrupt>");
    text.line("    lock(" + wanted.type() + ");");
    text.line("");
    return bug(Rule.IRQ_UNSAFE, text);
  }

  private void wants(LockText text) {
    text.line(wanted.self().task() + " is trying to acquire lock:");
    text.line(
        " %s, %s %s, at: %s"
            .formatted(
                wanted.type().describe(), wanted.lock(), wanted.mode(), wanted.site().line()));
  }

  private String hold(int at) {
    return LockText.hold(held, at, validator);
  }

  private KernelBug bug(Rule rule, LockText text) {
    return new KernelBug(rule, text + wanted.self().held().substring(1));
  }

  private static String names(Object first, List<LockEdge> path) {
    return first + path.stream().map(edge -> " --> " + edge.to()).collect(Collectors.joining());
  }
}

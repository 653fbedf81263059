// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Lockdep;

/**
 * Checks that the locks of a kernel are taken in one order, and that interrupts can come while they
 * are held: {@code __lock_acquire} with {@code validate_chain} and {@code mark_usage},
 * kernel/locking/lockdep.c.
 *
 * <p><b>The fast path</b> asks two things without a lock: does the class have the usage bits of
 * this context already, and is the chain of held classes with the new one at its end known? Nearly
 * always both hold, and then all was checked before.
 *
 * <p><b>The slow path</b>, under the guard, looks for what is wrong first and changes the graph,
 * the usage and the cache only if nothing is. So an offence leaves no trace, and comes up again the
 * next time.
 *
 * <p><b>Why a chain needs one check.</b> Each edge of a chain is checked when it is added, against
 * the graph as it is then; whoever adds the edge that closes a circle finds the rest of it there.
 * The edges from locks deeper in the chain follow through the lock that was taken last, unless that
 * was taken by a try, or as one more of its class under a nest lock: then it has no edges from
 * below, and the next ones are looked at too. For the same reason its own chain is not remembered.
 */
final class LockValidator {

  private final Sites sites;
  private final RawLock guard;
  private final LockClasses classes;

  @GuardedBy("guard")
  private final LockGraph graph = new LockGraph();

  /** Read without the guard. */
  private final ChainCache chains = new ChainCache();

  private final int maxDepth;
  private final int maxRules;
  private final int maxChains;

  /** Makes a validator with the limits of {@link Lockdep}. */
  LockValidator(Tasks tasks) {
    this(tasks, Lockdep.MAX_CLASSES, Lockdep.MAX_DEPTH, Lockdep.MAX_RULES, Lockdep.MAX_CHAINS);
  }

  LockValidator(Tasks tasks, int maxClasses, int maxDepth, int maxRules, int maxChains) {
    this.sites = tasks.sites();
    this.guard = new RawLock(tasks);
    this.classes = new LockClasses(sites, maxClasses);
    this.maxDepth = maxDepth;
    this.maxRules = maxRules;
    this.maxChains = maxChains;
  }

  LockClasses classes() {
    return classes;
  }

  /** Returns where a hold was taken; more exactly, where its chain of classes was seen first. */
  LockSite site(HeldLocks held, int at) {
    LockSite site = chains.site(held.chain(at));
    return site == null ? held.type(at).firstSite() : site;
  }

  /** Returns how many chains were validated; a number for tests. */
  int chains() {
    return chains.size();
  }

  /**
   * Checks whether a task may take a lock now.
   *
   * @param waits whether it would wait for the lock, so that those held come before it
   * @throws KernelBug if not; the task must not take it then
   */
  void check(TaskContext self, TrackedLock lock, LockMode mode, LockClass type, boolean waits) {
    HeldLocks held = self.locks();
    int usage = self.atomic().usage(mode, waits);
    long chain = ChainCache.extend(held.chain(self.atomic().inHardirq()), type.id());
    if (held.depth() >= maxDepth) {
      throw limit(lock, "locks are held by one task", maxDepth);
    }
    if ((usage & ~type.usage()) != 0 || waits && !chains.contains(chain)) {
      LockSite site = sites.ofLock(self.task());
      checkSlowly(new Acquisition(self, lock, mode, type, usage, chain, site), waits);
    }
  }

  /**
   * Checks whether interrupts may be enabled while a task holds what it holds: {@code
   * mark_held_locks}.
   *
   * @param except the place of a hold that is about to end
   * @throws KernelBug {@link Rule#IRQ_UNSAFE} if not
   */
  void checkIrqsOn(TaskContext self, int except) {
    HeldLocks held = self.locks();
    for (int at = 0; at <= held.last(); at++) {
      LockMode mode = held.mode(at);
      if (at != except && !held.isInHardirq(at)) {
        checkUsage(self, at, mode, mode.enabledUsage());
      }
    }
  }

  /**
   * Checks whether a hold may go on in another mode: {@code lock_downgrade}, which takes it anew.
   *
   * @throws KernelBug {@link Rule#IRQ_UNSAFE} if not
   */
  void checkMode(TaskContext self, int at, LockMode mode) {
    checkUsage(self, at, mode, self.atomic().usage(mode, !self.locks().isUnordered(at)));
  }

  private void checkUsage(TaskContext self, int at, LockMode mode, int usage) {
    HeldLocks held = self.locks();
    LockClass type = held.type(at);
    if ((usage & ~type.usage()) != 0) {
      LockSite site = sites.ofLock(self.task());
      checkSlowly(
          new Acquisition(self, held.lock(at), mode, type, usage, held.chain(at), site), false);
    }
  }

  private void checkSlowly(Acquisition wanted, boolean waits) {
    KernelBug bug;
    guard.take(wanted.self().task());
    try {
      bug = checkGuarded(wanted, waits);
    } finally {
      guard.give();
    }
    if (bug != null) {
      throw bug;
    }
  }

  private KernelBug checkGuarded(Acquisition wanted, boolean waits) {
    LockReport report = new LockReport(wanted, this);
    List<LockEdge> fresh = new ArrayList<>();
    boolean isNewChain = waits && !chains.contains(wanted.chain());
    KernelBug bug = isNewChain ? checkChain(wanted, report, fresh) : null;
    if (bug == null) {
      bug = checkUsage(wanted, report);
    }
    if (bug == null && graph.edges() + fresh.size() > maxRules) {
      bug = limit(wanted.lock(), "rules of order are known", maxRules);
    }
    if (bug == null && isNewChain && chains.size() >= maxChains) {
      bug = limit(wanted.lock(), "lock chains are known", maxChains);
    }
    if (bug == null) {
      wanted.type().use(wanted.usage(), wanted.site());
      fresh.forEach(graph::add);
      if (isNewChain) {
        chains.add(wanted.chain(), wanted.site());
      }
    }
    return bug;
  }

  private static KernelBug limit(TrackedLock lock, String what, int limit) {
    return new KernelBug(
        Rule.LOCKDEP_LIMIT, "%s can't be checked: %d %s".formatted(lock, limit, what));
  }

  /** {@code check_deadlock} and {@code check_prevs_add}. */
  private KernelBug checkChain(Acquisition wanted, LockReport report, List<LockEdge> fresh) {
    HeldLocks held = wanted.self().locks();
    int same = held.find(wanted.type());
    if (same >= 0) {
      return report.recursion(same);
    }
    boolean inHardirq = wanted.self().atomic().inHardirq();
    for (int at = held.last(); at >= 0 && held.isInHardirq(at) == inHardirq; at--) {
      LockClass from = held.type(at);
      if (!graph.hasEdge(from, wanted.type()) && fresh.stream().noneMatch(e -> e.from() == from)) {
        KernelBug bug = checkEdge(from, wanted, report);
        if (bug != null) {
          return bug;
        }
        fresh.add(new LockEdge(from, wanted.type(), site(held, at), wanted.site()));
      }
      if (!held.isUnordered(at)) {
        break;
      }
    }
    return null;
  }

  /** {@code check_noncircular} and {@code check_irq_usage}. */
  private KernelBug checkEdge(LockClass from, Acquisition wanted, LockReport report) {
    List<LockEdge> back = graph.forwards(wanted.type(), type -> type == from);
    if (back != null) {
      return report.circle(from, back);
    }
    List<LockEdge> fromSafe = graph.backwards(from, wanted::isSafe);
    List<LockEdge> toUnsafe = graph.forwards(wanted.type(), wanted::isUnsafe);
    return fromSafe == null || toUnsafe == null ? null : report.irqOrder(from, fromSafe, toUnsafe);
  }

  /** {@code mark_lock_irq}. */
  private KernelBug checkUsage(Acquisition wanted, LockReport report) {
    LockClass type = wanted.type();
    if ((wanted.usage() & ~type.usage()) == 0) {
      return null;
    }
    if (wanted.isSafe(type) && wanted.isUnsafe(type)) {
      return report.irqState();
    }
    List<LockEdge> none = List.of();
    List<LockEdge> fromSafe = wanted.isSafe(type) ? none : graph.backwards(type, wanted::isSafe);
    List<LockEdge> toUnsafe = wanted.isUnsafe(type) ? none : graph.forwards(type, wanted::isUnsafe);
    return fromSafe == null || toUnsafe == null ? null : report.irqOrder(null, fromSafe, toUnsafe);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.GuardedBy;

/**
 * All locks of one kind, name and subclass: {@code struct lock_class},
 * include/linux/lockdep_types.h.
 *
 * <p>It is a node of the {@link LockGraph}. Its usage is what decides whether interrupts and the
 * class get along: bits that are set once and stay.
 */
final class LockClass {

  /** Taken in an interrupt: {@code LOCK_USED_IN_HARDIRQ}. */
  static final int USED_IN_HARDIRQ = 1;

  /** Taken with interrupts enabled: {@code LOCK_ENABLED_HARDIRQ}. */
  static final int ENABLED_HARDIRQ = 2;

  /** The same, for read: {@code LOCK_ENABLED_HARDIRQ_READ}. */
  static final int ENABLED_HARDIRQ_READ = 4;

  /** An interrupt that takes the lock may find it held by the task it interrupted. */
  static final int UNSAFE = ENABLED_HARDIRQ | ENABLED_HARDIRQ_READ;

  private final int id;
  private final String name;
  private final WaitType waits;
  private final LockSite firstSite;

  /** By bit number: where the bit was set. */
  @GuardedBy("LockValidator.guard")
  private final LockSite[] usageSites = new LockSite[3];

  @GuardedBy("LockValidator.guard")
  private final List<LockEdge> after = new ArrayList<>(4);

  @GuardedBy("LockValidator.guard")
  private final List<LockEdge> before = new ArrayList<>(4);

  /** Written under the guard; the fast path only asks whether its bits are set already. */
  private volatile int usage;

  /**
   * Makes a class that was never used.
   *
   * @param id unique in the kernel
   * @param name with the subclass, if it is one
   */
  LockClass(int id, String name, WaitType waits, LockSite firstSite) {
    this.id = id;
    this.name = name;
    this.waits = waits;
    this.firstSite = firstSite;
  }

  int id() {
    return id;
  }

  LockSite firstSite() {
    return firstSite;
  }

  int usage() {
    return usage;
  }

  /** Sets usage bits; guard held. */
  void use(int bits, LockSite site) {
    int fresh = bits & ~usage;
    for (int bit = 0; bit < usageSites.length; bit++) {
      if ((fresh >> bit & 1) != 0) {
        usageSites[bit] = site;
      }
    }
    usage |= bits;
  }

  /** Returns where one of these bits was set first; guard held. */
  LockSite usageSite(int bits) {
    for (int bit = 0; bit < usageSites.length; bit++) {
      if ((bits >> bit & 1) != 0 && usageSites[bit] != null) {
        return usageSites[bit];
      }
    }
    return firstSite;
  }

  /** Returns the edges to classes that were taken while this one was held; guard held. */
  List<LockEdge> after() {
    return after;
  }

  /** Returns the edges from classes that were held while this one was taken; guard held. */
  List<LockEdge> before() {
    return before;
  }

  /** The name as reports quote it: {@code A}, {@code A/1}. */
  @Override
  public String toString() {
    return name;
  }

  /**
   * Describes the class as reports of the kernel do: name, usage by hard interrupts, soft
   * interrupts (never), both for read, and what waiting for it does.
   */
  String describe() {
    boolean used = (usage & USED_IN_HARDIRQ) != 0;
    boolean enabled = (usage & ENABLED_HARDIRQ) != 0;
    char write = used ? enabled ? '?' : '-' : enabled ? '+' : '.';
    char read = (usage & ENABLED_HARDIRQ_READ) != 0 ? '+' : '.';
    return "(%s){%c.%c.}-{%s}".formatted(name, write, read, waits);
  }

  /** What a task does that waits for such a lock: {@code enum lockdep_wait_type}. */
  enum WaitType {
    /** Nobody waits: a pseudo lock. */
    NEVER("0:0"),
    SPINS("2:2"),
    SLEEPS("3:3");

    private final String text;

    WaitType(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}

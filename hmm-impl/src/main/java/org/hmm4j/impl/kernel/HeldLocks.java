// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Arrays;

/**
 * The locks that one task holds, in the order of taking: {@code held_locks[]} of {@code
 * task_struct}, include/linux/sched.h. Not shared; allocates only when a task holds more locks than
 * it ever did before.
 *
 * <p>With lockdep each hold also has its class and the key of the chain of classes up to it. The
 * locks of an interrupt handler are a chain of their own.
 */
final class HeldLocks {

  private static final int USUAL_DEPTH = 8;
  private static final byte UNORDERED = 1;
  private static final byte IN_HARDIRQ = 2;

  private TrackedLock[] locks = new TrackedLock[USUAL_DEPTH];
  private LockMode[] modes = new LockMode[USUAL_DEPTH];
  private LockClass[] classes = new LockClass[USUAL_DEPTH];
  private long[] chains = new long[USUAL_DEPTH];
  private byte[] marks = new byte[USUAL_DEPTH];
  private int depth;

  boolean isEmpty() {
    return depth == 0;
  }

  int depth() {
    return depth;
  }

  /** Makes sure that the next {@link #push} can't fail. */
  void reserve() {
    if (depth == locks.length) {
      modes = Arrays.copyOf(modes, 2 * depth);
      classes = Arrays.copyOf(classes, 2 * depth);
      chains = Arrays.copyOf(chains, 2 * depth);
      marks = Arrays.copyOf(marks, 2 * depth);
      locks = Arrays.copyOf(locks, 2 * depth);
    }
  }

  /**
   * Adds a hold.
   *
   * @param type the class, or null without lockdep
   * @param inHardirq whether an interrupt handler takes it
   * @param unordered whether it was taken without a rule that it comes after those held
   */
  void push(TrackedLock lock, LockMode mode, LockClass type, boolean inHardirq, boolean unordered) {
    locks[depth] = lock;
    modes[depth] = mode;
    marks[depth] = (byte) ((inHardirq ? IN_HARDIRQ : 0) | (unordered ? UNORDERED : 0));
    if (type != null) {
      classes[depth] = type;
      chains[depth] = ChainCache.extend(chainBefore(depth, inHardirq), type.id());
    }
    depth++;
  }

  /** Returns the key of the chain that the next hold extends. */
  long chain(boolean inHardirq) {
    return chainBefore(depth, inHardirq);
  }

  private long chainBefore(int at, boolean inHardirq) {
    return at == 0 || isInHardirq(at - 1) != inHardirq ? ChainCache.EMPTY : chains[at - 1];
  }

  /** Returns the place of the latest hold of a lock, or -1. */
  int find(TrackedLock lock) {
    int at = depth - 1;
    while (at >= 0 && locks[at] != lock) {
      at--;
    }
    return at;
  }

  /** Returns the place of the latest hold of a lock in a mode, or -1. */
  int find(TrackedLock lock, LockMode mode) {
    int at = depth - 1;
    while (at >= 0 && (locks[at] != lock || modes[at] != mode)) {
      at--;
    }
    return at;
  }

  /** Returns the place of the latest hold of a lock of a class, or -1. */
  int find(LockClass type) {
    int at = depth - 1;
    while (at >= 0 && classes[at] != type) {
      at--;
    }
    return at;
  }

  /**
   * Returns whether a lock of a class is held and a nest lock was taken before all of these: the
   * part of {@code check_deadlock} about {@code nest_lock}, kernel/locking/lockdep.c.
   */
  boolean isNested(LockClass type, TrackedLock nest, boolean inHardirq) {
    boolean nestHeld = false;
    for (int at = 0; at < depth; at++) {
      if (isInHardirq(at) == inHardirq) {
        nestHeld |= locks[at] == nest;
        if (classes[at] == type) {
          return nestHeld;
        }
      }
    }
    return false;
  }

  int last() {
    return depth - 1;
  }

  TrackedLock lock(int at) {
    return locks[at];
  }

  LockMode mode(int at) {
    return modes[at];
  }

  void mode(int at, LockMode mode) {
    modes[at] = mode;
  }

  /** Returns the class of a hold, or null without lockdep. */
  LockClass type(int at) {
    return classes[at];
  }

  /** Returns the key of the chain up to a hold. */
  long chain(int at) {
    return chains[at];
  }

  /** Returns whether the hold was taken by a try, or as one more under a nest lock. */
  boolean isUnordered(int at) {
    return (marks[at] & UNORDERED) != 0;
  }

  /** Returns whether an interrupt handler took the hold. */
  boolean isInHardirq(int at) {
    return (marks[at] & IN_HARDIRQ) != 0;
  }

  /** Removes a hold; the order of release is free. */
  void remove(int at) {
    depth--;
    for (int i = at; i < depth; i++) {
      locks[i] = locks[i + 1];
      modes[i] = modes[i + 1];
      marks[i] = marks[i + 1];
      classes[i] = classes[i + 1];
      if (classes[i] != null) {
        chains[i] = ChainCache.extend(chainBefore(i, isInHardirq(i)), classes[i].id());
      }
    }
    locks[depth] = null;
    classes[depth] = null;
  }
}

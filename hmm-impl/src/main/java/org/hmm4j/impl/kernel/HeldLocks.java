// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Arrays;

/**
 * The locks that one task holds, in the order of taking: {@code held_locks[]} of {@code
 * task_struct}, include/linux/sched.h. Not shared; allocates only when a task holds more locks than
 * it ever did before.
 */
final class HeldLocks {

  private static final int USUAL_DEPTH = 8;

  private TrackedLock[] locks = new TrackedLock[USUAL_DEPTH];
  private LockMode[] modes = new LockMode[USUAL_DEPTH];
  private int depth;

  boolean isEmpty() {
    return depth == 0;
  }

  /** Makes sure that the next {@link #push} can't fail. */
  void reserve() {
    if (depth == locks.length) {
      modes = Arrays.copyOf(modes, 2 * depth);
      locks = Arrays.copyOf(locks, 2 * depth);
    }
  }

  void push(TrackedLock lock, LockMode mode) {
    locks[depth] = lock;
    modes[depth] = mode;
    depth++;
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

  /** Removes a hold; the order of release is free. */
  void remove(int at) {
    depth--;
    for (int i = at; i < depth; i++) {
      locks[i] = locks[i + 1];
      modes[i] = modes[i + 1];
    }
    locks[depth] = null;
  }

  /** Lists the holds, oldest first. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < depth; i++) {
      text.append(i == 0 ? "" : ", ").append(locks[i]).append(" taken ").append(modes[i]);
    }
    return text.append(']').toString();
  }
}

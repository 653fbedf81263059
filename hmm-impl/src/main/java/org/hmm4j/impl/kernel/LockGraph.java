// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.hmm4j.kernel.GuardedBy;

/**
 * Which lock class was taken while which was held: the graph of {@code locks_after} and {@code
 * locks_before}, kernel/locking/lockdep.c. It has no circle, because an edge that would close one
 * is reported and not added. The guard of the {@link LockValidator} is held for everything here.
 *
 * <p>The kernel also notes whether an edge is one of recursive readers, who wait for nobody. There
 * are none here: readers of a semaphore wait for writers that wait.
 */
final class LockGraph {

  @GuardedBy("LockValidator.guard")
  private int edges;

  int edges() {
    return edges;
  }

  void add(LockEdge edge) {
    edge.from().after().add(edge);
    edge.to().before().add(edge);
    edges++;
  }

  /** Returns whether a class was taken directly under another. */
  boolean hasEdge(LockClass from, LockClass to) {
    for (LockEdge edge : from.after()) {
      if (edge.to() == to) {
        return true;
      }
    }
    return false;
  }

  /**
   * Searches what was taken under a class, directly or not: {@code __bfs_forwards}.
   *
   * @return the shortest path from the class to one that is wanted, empty if that is the class
   *     itself; or null
   */
  List<LockEdge> forwards(LockClass start, Predicate<LockClass> wanted) {
    return search(start, wanted, true);
  }

  /**
   * Searches what was held when a class was taken, directly or not: {@code __bfs_backwards}.
   *
   * @return the shortest path from one that is wanted to the class, empty if that is the class
   *     itself; or null
   */
  List<LockEdge> backwards(LockClass start, Predicate<LockClass> wanted) {
    return search(start, wanted, false);
  }

  private static List<LockEdge> search(
      LockClass start, Predicate<LockClass> wanted, boolean forwards) {
    Map<LockClass, LockEdge> reachedBy = new HashMap<>();
    ArrayDeque<LockClass> queue = new ArrayDeque<>();
    reachedBy.put(start, null);
    queue.add(start);
    for (LockClass here = queue.poll(); here != null; here = queue.poll()) {
      if (wanted.test(here)) {
        return path(here, reachedBy, forwards);
      }
      for (LockEdge edge : forwards ? here.after() : here.before()) {
        LockClass next = forwards ? edge.to() : edge.from();
        if (!reachedBy.containsKey(next)) {
          reachedBy.put(next, edge);
          queue.add(next);
        }
      }
    }
    return null;
  }

  private static List<LockEdge> path(
      LockClass end, Map<LockClass, LockEdge> reachedBy, boolean forwards) {
    List<LockEdge> path = new ArrayList<>();
    for (LockEdge edge = reachedBy.get(end); edge != null; ) {
      path.add(edge);
      edge = reachedBy.get(forwards ? edge.from() : edge.to());
    }
    if (forwards) {
      Collections.reverse(path);
    }
    return path;
  }
}

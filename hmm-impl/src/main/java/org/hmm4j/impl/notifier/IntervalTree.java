// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

/**
 * Closed intervals of unsigned addresses, ordered by where they start: lib/interval_tree.c, Linux
 * 6.1. Intervals with the same start keep the order in which they came.
 *
 * <p>A treap: a search tree by start that is at the same time a heap by a pseudo-random priority,
 * which keeps it shallow without bookkeeping. The priorities come from a fixed sequence, so equal
 * calls build equal trees. Each node knows the largest end below it, so that finding the intervals
 * that overlap a range takes O(log n + hits).
 *
 * <p>Not thread-safe: the owner guards it.
 *
 * @param <T> what an interval stands for
 */
public final class IntervalTree<T> {

  private Node<T> root;
  private long lastPriority;

  /**
   * An interval, in at most one tree at a time.
   *
   * @param <T> what an interval stands for
   */
  public static final class Node<T> {
    private final T value;
    private long start;
    private long last;
    private long largestLast;
    private long priority;
    private boolean linked;
    private Node<T> parent;
    private Node<T> left;
    private Node<T> right;

    /**
     * Makes a node that is in no tree.
     *
     * @param value what the interval stands for
     */
    public Node(T value) {
      this.value = value;
    }

    /**
     * Returns what the interval stands for.
     *
     * @return the value
     */
    public T value() {
      return value;
    }

    /**
     * Returns whether the node is in a tree.
     *
     * @return true if it is
     */
    public boolean isLinked() {
      return linked;
    }
  }

  /**
   * Adds a node.
   *
   * @param node a node in no tree
   * @param start first address
   * @param last last address, inclusive
   */
  public void insert(Node<T> node, long start, long last) {
    node.start = start;
    node.last = last;
    node.largestLast = last;
    node.priority = nextPriority();
    node.linked = true;
    Node<T> above = null;
    Node<T> here = root;
    boolean goLeft = false;
    while (here != null) {
      above = here;
      above.largestLast = larger(above.largestLast, last);
      goLeft = Long.compareUnsigned(start, here.start) < 0;
      here = goLeft ? here.left : here.right;
    }
    node.parent = above;
    if (above == null) {
      root = node;
    } else if (goLeft) {
      above.left = node;
    } else {
      above.right = node;
    }
    while (node.parent != null && node.parent.priority < node.priority) {
      rotateUp(node);
    }
  }

  /**
   * Takes a node out.
   *
   * @param node a node in this tree
   */
  public void remove(Node<T> node) {
    while (node.left != null || node.right != null) {
      rotateUp(heavierChild(node));
    }
    Node<T> above = node.parent;
    replaceChild(above, node, null);
    node.parent = null;
    node.linked = false;
    while (above != null) {
      refresh(above);
      above = above.parent;
    }
  }

  /**
   * Finds the first interval that overlaps a range.
   *
   * @param start first address of the range
   * @param last last address of the range, inclusive
   * @return the node with the lowest start, or null
   */
  public Node<T> first(long start, long last) {
    return firstBelow(root, start, last);
  }

  /**
   * Finds the next interval that overlaps the same range.
   *
   * @param node the node found before
   * @param start first address of the range
   * @param last last address of the range, inclusive
   * @return the node that follows in order of start, or null
   */
  public Node<T> next(Node<T> node, long start, long last) {
    Node<T> found = firstBelow(node.right, start, last);
    Node<T> here = node;
    while (found == null && here.parent != null) {
      boolean fromLeft = here == here.parent.left;
      here = here.parent;
      if (fromLeft) {
        if (Long.compareUnsigned(here.start, last) > 0) {
          return null;
        }
        found = overlaps(here, start) ? here : firstBelow(here.right, start, last);
      }
    }
    return found;
  }

  /**
   * Returns whether there is no interval.
   *
   * @return true if there is none
   */
  public boolean isEmpty() {
    return root == null;
  }

  private static <T> Node<T> firstBelow(Node<T> top, long start, long last) {
    Node<T> here = top;
    while (here != null && reaches(here, start)) {
      if (here.left != null && reaches(here.left, start)) {
        // Something to the left ends late enough. If it starts too late, so does all to its right.
        here = here.left;
      } else if (Long.compareUnsigned(here.start, last) > 0) {
        return null;
      } else if (overlaps(here, start)) {
        return here;
      } else {
        here = here.right;
      }
    }
    return null;
  }

  private static boolean reaches(Node<?> top, long start) {
    return Long.compareUnsigned(top.largestLast, start) >= 0;
  }

  private static boolean overlaps(Node<?> node, long start) {
    return Long.compareUnsigned(node.last, start) >= 0;
  }

  private void rotateUp(Node<T> node) {
    Node<T> above = node.parent;
    replaceChild(above.parent, above, node);
    node.parent = above.parent;
    if (above.left == node) {
      above.left = node.right;
      if (node.right != null) {
        node.right.parent = above;
      }
      node.right = above;
    } else {
      above.right = node.left;
      if (node.left != null) {
        node.left.parent = above;
      }
      node.left = above;
    }
    above.parent = node;
    refresh(above);
    refresh(node);
  }

  private void replaceChild(Node<T> above, Node<T> old, Node<T> replacement) {
    if (above == null) {
      root = replacement;
    } else if (above.left == old) {
      above.left = replacement;
    } else {
      above.right = replacement;
    }
  }

  private static <T> Node<T> heavierChild(Node<T> node) {
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    return node.left.priority > node.right.priority ? node.left : node.right;
  }

  private static void refresh(Node<?> node) {
    long largest = node.last;
    if (node.left != null) {
      largest = larger(largest, node.left.largestLast);
    }
    if (node.right != null) {
      largest = larger(largest, node.right.largestLast);
    }
    node.largestLast = largest;
  }

  private static long larger(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  /** The SplitMix64 sequence: spreads well, needs no seed and is the same in every run. */
  private long nextPriority() {
    lastPriority += 0x9e3779b97f4a7c15L;
    long mixed = (lastPriority ^ (lastPriority >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}

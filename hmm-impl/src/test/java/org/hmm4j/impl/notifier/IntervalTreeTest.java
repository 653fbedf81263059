// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.hmm4j.impl.notifier.IntervalTree.Node;

final class IntervalTreeTest {

  private static final int MANY = 100_000;

  /** A random search tree of this size is 45 high on average, a path of it hardly 60. */
  private static final int DEPTH_LIMIT = 60;

  private record Span(long start, long last) {
    boolean overlaps(long from, long to) {
      return Long.compareUnsigned(start, to) <= 0 && Long.compareUnsigned(last, from) >= 0;
    }
  }

  /** Adds a span, or takes out the one that the choice points at. */
  private record Change(Span added, int removed) {}

  @Provide
  Arbitrary<Span> spans() {
    Arbitrary<Long> near = Arbitraries.longs().between(0, 12);
    Arbitrary<Long> middle = near.map(low -> Long.MAX_VALUE - 6 + low);
    Arbitrary<Long> top = near.map(low -> -1L - low);
    Arbitrary<Long> addresses = Arbitraries.oneOf(near, middle, top);
    return Combinators.combine(addresses, addresses)
        .as((a, b) -> Long.compareUnsigned(a, b) <= 0 ? new Span(a, b) : new Span(b, a));
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Change> add = spans().map(span -> new Change(span, -1));
    Arbitrary<Change> remove =
        Arbitraries.integers().between(0, 99).map(index -> new Change(null, index));
    return Arbitraries.oneOf(add, add, remove).list().ofMaxSize(60);
  }

  @Property
  void findsWhatAListFindsInTheSameOrder(
      @ForAll("changes") List<Change> changes, @ForAll("spans") Span query) {
    IntervalTree<Span> tree = new IntervalTree<>();
    List<Node<Span>> model = new ArrayList<>();
    for (Change change : changes) {
      if (change.added() != null) {
        Node<Span> node = new Node<>(change.added());
        assertFalse(node.isLinked());
        tree.insert(node, change.added().start(), change.added().last());
        assertTrue(node.isLinked());
        model.add(node);
      } else if (!model.isEmpty()) {
        Node<Span> node = model.remove(change.removed() % model.size());
        tree.remove(node);
        assertFalse(node.isLinked());
      }
      assertEquals(naive(model, query.start(), query.last()), found(tree, query));
      assertEquals(naive(model, 0, -1L), found(tree, new Span(0, -1L)));
      assertEquals(model.isEmpty(), tree.isEmpty());
    }
    // A node that was taken out can be put in again, now behind its equals.
    for (Node<Span> node : List.copyOf(model)) {
      tree.remove(node);
      tree.insert(node, node.value().start(), node.value().last());
      model.remove(node);
      model.add(node);
      assertEquals(naive(model, query.start(), query.last()), found(tree, query));
    }
  }

  @Property
  void canBeEmptiedInAnyOrder(@ForAll("changes") List<Change> changes) {
    IntervalTree<Span> tree = new IntervalTree<>();
    List<Node<Span>> nodes = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (Change change : changes) {
      if (change.added() == null) {
        order.add(change.removed());
        continue;
      }
      Node<Span> node = new Node<>(change.added());
      tree.insert(node, change.added().start(), change.added().last());
      nodes.add(node);
    }
    for (int i = 0; !nodes.isEmpty(); i++) {
      int choice = order.isEmpty() ? i : order.get(i % order.size());
      tree.remove(nodes.remove(choice % nodes.size()));
      assertEquals(naive(nodes, 0, -1L), found(tree, new Span(0, -1L)));
    }
    assertTrue(tree.isEmpty());
    assertNull(tree.first(0, -1L));
  }

  @Example
  void staysShallowForAscendingIntervals() throws ReflectiveOperationException {
    assertShallow(ascending(i -> i));
  }

  @Example
  void staysShallowForDescendingIntervals() throws ReflectiveOperationException {
    assertShallow(ascending(i -> MANY - i));
  }

  @Example
  void staysShallowForEqualIntervals() throws ReflectiveOperationException {
    assertShallow(ascending(i -> 7));
  }

  @Example
  void staysShallowAfterHalfWasRemoved() throws ReflectiveOperationException {
    List<Node<Span>> nodes = new ArrayList<>();
    IntervalTree<Span> tree = new IntervalTree<>();
    for (int i = 0; i < MANY; i++) {
      Node<Span> node = new Node<>(new Span(i, i));
      tree.insert(node, i, i);
      nodes.add(node);
    }
    nodes.subList(0, MANY / 2).forEach(tree::remove);
    assertShallow(nodes.subList(MANY / 2, MANY));
    assertEquals(MANY / 2, tree.first(0, -1L).value().start());
  }

  private interface Starts {
    long of(int index);
  }

  private static List<Node<Span>> ascending(Starts starts) {
    IntervalTree<Span> tree = new IntervalTree<>();
    List<Node<Span>> nodes = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      Span span = new Span(starts.of(i), starts.of(i));
      Node<Span> node = new Node<>(span);
      tree.insert(node, span.start(), span.last());
      nodes.add(node);
    }
    return nodes;
  }

  /** Counts the nodes from each up to the root; what a search visits at most beside its hits. */
  private static void assertShallow(List<Node<Span>> nodes) throws ReflectiveOperationException {
    Field parent = Node.class.getDeclaredField("parent");
    parent.setAccessible(true);
    int deepest = 0;
    long sum = 0;
    for (Node<Span> node : nodes) {
      int depth = 0;
      for (Object here = node; here != null; here = parent.get(here)) {
        depth++;
        assertTrue(depth <= DEPTH_LIMIT, "a path of more than " + DEPTH_LIMIT + " nodes");
      }
      deepest = Math.max(deepest, depth);
      sum += depth;
    }
    assertTrue(deepest >= 17, "less than log2 of the size");
    assertTrue(sum / nodes.size() <= DEPTH_LIMIT / 2, "an average path of " + sum / nodes.size());
  }

  private static List<Node<Span>> found(IntervalTree<Span> tree, Span query) {
    List<Node<Span>> hits = new ArrayList<>();
    for (Node<Span> node = tree.first(query.start(), query.last());
        node != null;
        node = tree.next(node, query.start(), query.last())) {
      hits.add(node);
    }
    return hits;
  }

  /** What a list finds that keeps the order of insertion. */
  private static List<Node<Span>> naive(List<Node<Span>> model, long start, long last) {
    return model.stream()
        .filter(node -> node.value().overlaps(start, last))
        .sorted(Comparator.comparing(node -> node.value().start(), Long::compareUnsigned))
        .toList();
  }
}

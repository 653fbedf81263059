// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Arrays;

/**
 * The SRCU read sections that one task has open, oldest first. Not shared; allocates only when a
 * task has more sections open than it ever had before.
 */
final class OpenSections {

  private static final int USUAL_DEPTH = 4;

  private Epoch[] epochs = new Epoch[USUAL_DEPTH];
  private int depth;

  boolean isEmpty() {
    return depth == 0;
  }

  /** Makes sure that the next {@link #push} can't fail. */
  void reserve() {
    if (depth == epochs.length) {
      epochs = Arrays.copyOf(epochs, 2 * depth);
    }
  }

  void push(Epoch epoch) {
    epochs[depth++] = epoch;
  }

  /** Returns whether a section of the domain is open. */
  boolean contains(EpochSrcu domain) {
    for (int at = 0; at < depth; at++) {
      if (epochs[at].domain() == domain) {
        return true;
      }
    }
    return false;
  }

  /** Returns the place of the latest section of a domain with an index, or -1. */
  int find(EpochSrcu domain, int index) {
    int at = depth - 1;
    while (at >= 0 && (epochs[at].domain() != domain || epochs[at].index() != index)) {
      at--;
    }
    return at;
  }

  int last() {
    return depth - 1;
  }

  /** Removes a section; the order of leaving is free. */
  Epoch remove(int at) {
    Epoch epoch = epochs[at];
    depth--;
    System.arraycopy(epochs, at + 1, epochs, at, depth - at);
    epochs[depth] = null;
    return epoch;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < depth; i++) {
      text.append(i == 0 ? "" : ", ").append(epochs[i]);
    }
    return text.append(']').toString();
  }
}

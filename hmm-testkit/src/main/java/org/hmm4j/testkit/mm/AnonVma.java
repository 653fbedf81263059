// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;

/**
 * What the anonymous pages of one or more VMAs have in common: {@code struct anon_vma},
 * include/linux/rmap.h, 6.1. It knows all VMAs, of all processes, that may map such a page: those
 * where the page was born, and what fork made of them. VMAs merge only if they agree in it; it is
 * compared by identity. Freed when its last VMA is gone.
 *
 * <p>Those that fork made hang below that of the parent process, and all below one root.
 */
final class AnonVma {

  /** Itself for a root. */
  private final AnonVma parent;

  private final Allocation record;
  private final RmapTree places = new RmapTree();

  /** Those below it that are in use, and itself if it is a root: {@code num_children}. */
  @GuardedBy("anon_vma->rwsem")
  private int children;

  private AnonVma(AnonVma parent, Allocation record) {
    this.parent = parent == null ? this : parent;
    this.record = record;
  }

  static AnonVma root(Allocation record) {
    return new AnonVma(null, record);
  }

  /** Makes one for the VMA of a child process: {@code anon_vma_fork}, mm/rmap.c. */
  static AnonVma below(AnonVma parent, Allocation record) {
    return new AnonVma(parent, record);
  }

  /** The oldest, whose pages any of the others may map. */
  AnonVma root() {
    AnonVma root = this;
    while (root.parent != root) {
      root = root.parent;
    }
    return root;
  }

  RmapTree places() {
    return places;
  }

  /** {@code anon_vma_chain_link}, mm/rmap.c. Context: {@code anon_vma->rwsem} held for write. */
  void link(RmapTree.Place place) {
    record.check();
    if (places.isEmpty()) {
      parent.children++;
    }
    places.insert(place);
  }

  /** As {@code unlink_anon_vmas}, mm/rmap.c. Context: {@code anon_vma->rwsem} held for write. */
  void unlink(RmapTree.Place place) {
    places.remove(place);
    if (places.isEmpty()) {
      parent.children--;
      record.free();
    }
  }

  /** It was made for nothing: {@code put_anon_vma}. */
  void discard() {
    record.free();
  }

  /**
   * Whether a VMA of a new process may have it for its own: no VMA has it so any more, and at most
   * one is below it, so the tree stays small. Never the root, which is below itself. {@code
   * anon_vma_clone}, mm/rmap.c. Context: {@code anon_vma->rwsem} held for write.
   */
  boolean isReusable() {
    return children < 2 && !places.anyMatch(place -> place.vma().anonVma() == this);
  }
}

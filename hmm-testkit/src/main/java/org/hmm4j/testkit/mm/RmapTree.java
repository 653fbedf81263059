// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.hmm4j.kernel.GuardedBy;

/**
 * The VMAs that may map pages of one object, in all address spaces: {@code anon_vma->rb_root} and
 * {@code mapping->i_mmap}, mm/interval_tree.c, Linux 6.1. In the order of their first page; where
 * that is the same, in the order of arrival, so that a walk meets a parent before its child: who
 * forks copies entries from a place that a walk has passed only to one that it has not.
 */
final class RmapTree {

  @GuardedBy("anon_vma->rwsem")
  private final List<Place> places = new ArrayList<>();

  /**
   * One VMA.
   *
   * @param mm its address space: {@code vm_mm}
   * @param vma the VMA
   */
  record Place(MmContext mm, FakeVma vma) {}

  void insert(Place place) {
    int at = places.size();
    while (at > 0 && places.get(at - 1).vma().pageOffset() > place.vma().pageOffset()) {
      at--;
    }
    places.add(at, place);
  }

  void remove(Place place) {
    places.remove(place);
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  boolean anyMatch(Predicate<Place> test) {
    return places.stream().anyMatch(test);
  }

  List<Place> list() {
    return places;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.VmFlags;

/**
 * When neighbouring VMAs become one: {@code can_vma_merge_before}, {@code can_vma_merge_after},
 * {@code vma_merge}, mm/mmap.c, Linux 6.1. Context: mmap lock held for write.
 */
final class VmaMerging {

  private static final long SPECIAL = VmFlags.IO | VmFlags.PFNMAP | VmFlags.MIXEDMAP;

  private final VmaArray vmas;

  VmaMerging(VmaArray vmas) {
    this.vmas = vmas;
  }

  /**
   * Adds a VMA where nothing is mapped, as part of its neighbours where possible: {@code
   * mmap_region}, {@code vma_expand}.
   */
  void insert(FakeVma vma) {
    int at = vmas.indexOf(vma.start());
    FakeVma previous = vmas.before(at);
    FakeVma next = vmas.orNull(at);
    boolean withNext = next != null && fits(vma, next) && anonFits(null, next);
    AnonVma anonVma = withNext ? next.anonVma() : null;
    boolean withPrevious = previous != null && fits(previous, vma) && anonFits(anonVma, previous);
    if (withPrevious && withNext) {
      replaceByUnion(at - 1, at + 1);
    } else if (withPrevious) {
      vmas.replace(at - 1, at, previous.withBorders(previous.start(), vma.end()));
    } else if (withNext) {
      vmas.replace(at, at + 1, next.withBorders(vma.start(), next.end()));
    } else {
      vmas.replace(at, at, vma);
    }
  }

  /**
   * Adds a copy of a VMA where nothing is mapped, as part of its neighbours where possible: {@code
   * copy_vma}, with cases 1, 2 and 3 of {@code vma_merge}.
   */
  void insertCopy(FakeVma copy) {
    int at = vmas.indexOf(copy.start());
    if (!merge(at - 1, at, at, copy)) {
      vmas.replace(at, at, copy);
    }
  }

  /**
   * Gives a part of a VMA other flags.
   *
   * @param index the index of the VMA that the part belongs to
   * @param part the part with its new flags, the anon_vma of the VMA among them
   */
  void apply(int index, FakeVma part) {
    if (!absorb(index, part)) {
      carveOut(index, part);
    }
  }

  /** Two times {@code split_vma}. */
  private void carveOut(int index, FakeVma part) {
    FakeVma vma = vmas.get(index);
    int at = index;
    if (vma.start() < part.start()) {
      vmas.split(at++, part.start());
    }
    if (part.end() < vma.end()) {
      vmas.split(at, part.end());
    }
    vmas.replace(at, at + 1, part);
  }

  /**
   * Lets neighbours take over a part of a VMA that gets other flags: {@code vma_merge} as {@code
   * mprotect_fixup} calls it.
   *
   * @param index the index of the VMA that the part belongs to
   * @param part the part with its new flags, the anon_vma of the VMA among them
   * @return false if no neighbour fits; then nothing has changed
   */
  private boolean absorb(int index, FakeVma part) {
    FakeVma vma = vmas.get(index);
    boolean first = part.start() == vma.start();
    boolean last = part.end() == vma.end();
    if (first && last) {
      return merge(index - 1, index, index + 1, part);
    } else if (first) {
      return absorbIntoPrevious(index, part);
    }
    return last && absorbIntoNext(index, part);
  }

  /**
   * Makes one VMA of a stretch and those neighbours that fit. What is in the array from one index
   * up to another exclusive is the stretch itself: nothing, or the one VMA that was there before.
   */
  private boolean merge(int previousIndex, int from, int to, FakeVma stretch) {
    FakeVma previous = previousIndex < 0 ? null : vmas.get(previousIndex);
    FakeVma next = vmas.orNull(to);
    AnonVma anonVma = stretch.anonVma();
    boolean withPrevious =
        previous != null && fits(previous, stretch) && anonFits(anonVma, previous);
    boolean withNext = next != null && fits(stretch, next) && anonFits(anonVma, next);
    if (withPrevious && withNext && agree(previous.anonVma(), next.anonVma())) {
      replaceByUnion(from - 1, to + 1);
    } else if (withPrevious) {
      vmas.replace(from - 1, to, previous.withBorders(previous.start(), stretch.end()));
    } else if (withNext) {
      vmas.replace(from, to + 1, next.withBorders(stretch.start(), next.end()));
    } else {
      return false;
    }
    return true;
  }

  /**
   * Makes one VMA of the first, the last and what lies between; one of both may lack an anon_vma.
   */
  private void replaceByUnion(int from, int to) {
    FakeVma first = vmas.get(from);
    FakeVma last = vmas.get(to - 1);
    FakeVma union = first.withBorders(first.start(), last.end());
    vmas.replace(from, to, first.hasAnonVma() ? union : union.withAnonVmas(last.anonVmaChain()));
  }

  /** Case 5 of {@code vma_merge}: the border to the VMA before moves up. */
  private boolean absorbIntoPrevious(int index, FakeVma part) {
    FakeVma previous = vmas.before(index);
    if (previous == null || !fits(previous, part) || !anonFits(part.anonVma(), previous)) {
      return false;
    }
    FakeVma vma = vmas.get(index);
    FakeVma grown = previous.withBorders(previous.start(), part.end());
    vmas.replace(index - 1, index + 1, grown, vma.withBorders(part.end(), vma.end()));
    return true;
  }

  /** Case 4 of {@code vma_merge}: the border to the VMA behind moves down. */
  private boolean absorbIntoNext(int index, FakeVma part) {
    FakeVma next = vmas.orNull(index + 1);
    if (next == null || !fits(part, next) || !anonFits(part.anonVma(), next)) {
      return false;
    }
    FakeVma vma = vmas.get(index);
    FakeVma grown = next.withBorders(part.start(), next.end());
    vmas.replace(index, index + 2, vma.withBorders(vma.start(), part.start()), grown);
    return true;
  }

  /**
   * Finds an anon_vma that a VMA can share with a neighbour, so that they can merge later: {@code
   * find_mergeable_anon_vma}. Context: mmap lock held in any mode. Null if there is none.
   */
  AnonVma findMergeableAnonVma(FakeVma vma) {
    int index = vmas.indexOf(vma.start());
    FakeVma next = vmas.orNull(index + 1);
    if (next != null && compatible(vma, next) && next.hasSingularChain()) {
      return next.anonVma();
    }
    FakeVma previous = vmas.before(index);
    if (previous != null && compatible(previous, vma) && previous.hasSingularChain()) {
      return previous.anonVma();
    }
    return null;
  }

  /** {@code anon_vma_compatible}: rights may differ, the rest not. */
  private static boolean compatible(FakeVma lower, FakeVma upper) {
    return adjoin(lower, upper) && rest(lower.flags()) == rest(upper.flags());
  }

  private static long rest(long flags) {
    return flags & ~Prot.ACCESS_FLAGS;
  }

  /** {@code is_mergeable_vma} and the test of the offsets. */
  private static boolean fits(FakeVma lower, FakeVma upper) {
    return adjoin(lower, upper) && lower.flags() == upper.flags();
  }

  /**
   * Mappings of devices stay by themselves, {@code VM_SPECIAL} in {@code vma_merge}; those of
   * hugetlb too, which want to know when they are closed: {@code is_mergeable_vma}.
   */
  private static boolean adjoin(FakeVma lower, FakeVma upper) {
    return lower.end() == upper.start()
        && lower.hugetlb() == null
        && upper.hugetlb() == null
        && (lower.flags() & SPECIAL) == 0
        && (upper.flags() & SPECIAL) == 0
        && lower.file() == upper.file()
        && lower.endPageOffset() == upper.pageOffset();
  }

  /**
   * {@code is_mergeable_anon_vma} against a neighbour. A neighbour without an anon_vma has an empty
   * chain, which does not count as singular: it takes over nothing that has one.
   */
  private static boolean anonFits(AnonVma anonVma, FakeVma neighbour) {
    return anonVma == neighbour.anonVma() || (anonVma == null && neighbour.hasSingularChain());
  }

  /** {@code is_mergeable_anon_vma} between two neighbours. */
  private static boolean agree(AnonVma a, AnonVma b) {
    return a == null || b == null || a == b;
  }
}

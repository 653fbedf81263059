// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.RwSemaphore;

/**
 * The VMAs of an address space in order: {@code mm_mt}. A sorted array that is replaced at each
 * change, so that look-ups allocate nothing and who took a list keeps it.
 */
final class VmaArray {

  private final MmContext context;

  @GuardedBy("mm->mmap_lock")
  private volatile FakeVma[] vmas = new FakeVma[0];

  VmaArray(MmContext context) {
    this.context = context;
  }

  /** Returns the VMAs, which a later change leaves as they are. */
  List<FakeVma> list() {
    return List.of(vmas);
  }

  /** Returns the VMAs, not to be changed. */
  FakeVma[] array() {
    return vmas;
  }

  int size() {
    return vmas.length;
  }

  FakeVma get(int index) {
    return vmas[index];
  }

  /** Returns the VMA before an index, or null. */
  FakeVma before(int index) {
    return index > 0 ? vmas[index - 1] : null;
  }

  /** Returns the VMA at an index, or null if it is the end. */
  FakeVma orNull(int index) {
    FakeVma[] array = vmas;
    return index < array.length ? array[index] : null;
  }

  /** Returns the index of the first VMA that ends after an address: {@code find_vma}, mm/mmap.c. */
  int indexOf(long address) {
    FakeVma[] array = vmas;
    int low = 0;
    int high = array.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(array[middle].end(), address) > 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Returns the first VMA that ends after an address, or null: {@code find_vma}, mm/mmap.c. */
  FakeVma find(long address) {
    return orNull(indexOf(address));
  }

  /** Returns the VMA that holds an address, or null: {@code vma_lookup}, include/linux/mm.h. */
  FakeVma lookup(long address) {
    FakeVma vma = find(address);
    return vma != null && Long.compareUnsigned(vma.start(), address) <= 0 ? vma : null;
  }

  /**
   * Puts VMAs in the place of those from one index up to another exclusive. Huge entries that a new
   * border cuts are split: {@code vma_adjust_trans_huge}, mm/huge_memory.c.
   */
  void replace(int from, int to, FakeVma... added) {
    long last = 0;
    for (FakeVma vma : added) {
      if (vma.start() != last) {
        splitHuge(from, to, vma.start());
      }
      last = vma.end();
      splitHuge(from, to, last);
    }
    exchangeOpened(from, to, added);
  }

  private void splitHuge(int from, int to, long border) {
    for (int i = from; i < to; i++) {
      context.pmdSplitting().splitAtBorder(vmas[i], border);
    }
  }

  private void exchangeOpened(int from, int to, FakeVma... added) {
    for (FakeVma vma : added) {
      vma.open();
    }
    for (FakeVma vma : splice(from, to, added)) {
      vma.close();
    }
  }

  /**
   * Adds a VMA behind all others, whose anon_vmas know it already: the loop of {@code dup_mmap},
   * kernel/fork.c.
   */
  void append(FakeVma vma) {
    vma.open();
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    try {
      context.reverseMap().linkFile(context, vma);
      exchange(size(), size(), vma);
    } finally {
      lock.writeUnlock();
    }
  }

  /** Splits the VMA at an index in two at an address within: {@code split_vma}, mm/mmap.c. */
  void split(int index, long address) {
    FakeVma vma = get(index);
    replace(
        index,
        index + 1,
        vma.withBorders(vma.start(), address),
        vma.withBorders(address, vma.end()));
  }

  /** Brings back a layout that {@link #list} returned. */
  void restore(List<FakeVma> layout) {
    exchangeOpened(0, size(), layout.toArray(FakeVma[]::new));
  }

  /**
   * Takes VMAs out, but the reverse map still finds them; who calls unlinks and closes them, or
   * attaches them again.
   */
  FakeVma[] detach(int from, int to) {
    return exchange(from, to);
  }

  /** Puts back what was detached. */
  void attach(int at, FakeVma[] detached) {
    exchange(at, at, detached);
  }

  /**
   * Lets nobody find VMAs that were detached, before their tables go: {@code unlink_anon_vmas},
   * {@code unlink_file_vma}, mm/mmap.c, as {@code free_pgtables} calls them.
   */
  void unlink(FakeVma[] detached) {
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    try {
      unlinkEach(detached);
    } finally {
      lock.writeUnlock();
    }
  }

  private void unlinkEach(FakeVma[] removed) {
    for (FakeVma vma : removed) {
      context.reverseMap().unlink(context, vma);
    }
  }

  /**
   * As {@code vma_adjust}, mm/mmap.c: nobody walks the reverse map meanwhile. What is added comes
   * in first: an anon_vma that both have must not lose its last VMA.
   */
  private FakeVma[] splice(int from, int to, FakeVma... added) {
    RwSemaphore lock = context.reverseMap().lock();
    lock.writeLock();
    try {
      for (FakeVma vma : added) {
        context.reverseMap().link(context, vma);
      }
      FakeVma[] removed = exchange(from, to, added);
      unlinkEach(removed);
      return removed;
    } finally {
      lock.writeUnlock();
    }
  }

  private FakeVma[] exchange(int from, int to, FakeVma... added) {
    context.mmapLock().assertHeld();
    FakeVma[] old = vmas;
    FakeVma[] array = new FakeVma[old.length - (to - from) + added.length];
    System.arraycopy(old, 0, array, 0, from);
    System.arraycopy(added, 0, array, from, added.length);
    System.arraycopy(old, to, array, from + added.length, old.length - to);
    FakeVma[] removed = new FakeVma[to - from];
    System.arraycopy(old, from, removed, 0, removed.length);
    vmas = array;
    return removed;
  }
}

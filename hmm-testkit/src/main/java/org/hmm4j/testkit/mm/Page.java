// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * One life of a page frame: {@code struct page}, include/linux/mm_types.h, 6.1. A frame that is
 * freed and allocated again gets a new object, so that who kept the old one is found out.
 */
final class Page {

  private final long pfn;
  private final AtomicIntegerArray words;
  private final AtomicInteger refCount = new AtomicInteger(1);
  private final AtomicInteger mapCount = new AtomicInteger();

  /** {@code PageAnon}. */
  @GuardedBy("ptlock")
  private boolean anonymous;

  /** {@code PageAnonExclusive}: no other address space can map it. */
  @GuardedBy("ptlock")
  private boolean anonExclusive;

  Page(long pfn, int wordsPerPage) {
    this.pfn = pfn;
    this.words = new AtomicIntegerArray(wordsPerPage);
  }

  long pfn() {
    return pfn;
  }

  int refCount() {
    return refCount.get();
  }

  int mapCount() {
    return mapCount.get();
  }

  /** {@code get_page}, include/linux/mm.h: the caller has a reference already. */
  void get() {
    int count;
    do {
      count = refCount.get();
      if (count <= 0) {
        throw freed("get");
      }
    } while (!refCount.compareAndSet(count, count + 1));
  }

  /** Drops a reference: {@code put_page_testzero}. Returns true if it was the last. */
  boolean putTestZero() {
    int count;
    do {
      count = refCount.get();
      if (count <= 0) {
        throw new KernelBug(Rule.DOUBLE_FREE, "put of " + this + ", which is free");
      }
      if (count == 1 && mapCount.get() != 0) {
        throw new KernelBug(Rule.STILL_IN_USE, "last put of " + this + ", which is mapped");
      }
    } while (!refCount.compareAndSet(count, count - 1));
    return count == 1;
  }

  /** One more entry maps it: {@code page_add_file_rmap}, mm/rmap.c. */
  void addMapping() {
    checkLive("mapping");
    mapCount.incrementAndGet();
  }

  /** Its first entry maps it: {@code page_add_new_anon_rmap}, mm/rmap.c. */
  void addNewAnonMapping() {
    anonymous = true;
    anonExclusive = true;
    addMapping();
  }

  /** One entry less maps it: {@code page_remove_rmap}, mm/rmap.c. */
  void removeMapping() {
    int count;
    do {
      count = mapCount.get();
      if (count <= 0) {
        throw new KernelBug(Rule.DOUBLE_FREE, "unmapping of " + this + ", which is not mapped");
      }
    } while (!mapCount.compareAndSet(count, count - 1));
  }

  boolean isAnonymous() {
    return anonymous;
  }

  boolean isAnonExclusive() {
    return anonExclusive;
  }

  /** The last sharer makes it its own: {@code page_move_anon_rmap}, mm/rmap.c. */
  void makeAnonExclusive() {
    anonExclusive = true;
  }

  int read(int index) {
    checkLive("read");
    return words.get(index);
  }

  void write(int index, int value) {
    checkLive("write");
    words.set(index, value);
  }

  /** {@code copy_user_highpage}. */
  void copyFrom(Page source) {
    for (int i = 0; i < words.length(); i++) {
      write(i, source.read(i));
    }
  }

  private void checkLive(String access) {
    if (refCount.get() <= 0) {
      throw freed(access);
    }
  }

  private KernelBug freed(String access) {
    return new KernelBug(Rule.USE_AFTER_FREE, access + " of " + this + ", which is free");
  }

  @Override
  public String toString() {
    return "page 0x%x (refs %d, maps %d)".formatted(pfn, refCount.get(), mapCount.get());
  }
}

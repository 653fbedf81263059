// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * One life of a page frame: {@code struct page}, include/linux/mm_types.h, 6.1. A frame that is
 * freed and allocated again gets a new object, so that who kept the old one is found out.
 */
final class Page {

  private final long pfn;

  /** Says who allocated the page and who freed it; null for the zero page, which stays. */
  private final Allocation record;

  private final AtomicIntegerArray words;
  private final AtomicInteger refCount = new AtomicInteger(1);
  private final AtomicInteger mapCount = new AtomicInteger();

  private final AtomicBoolean locked = new AtomicBoolean();
  private final AtomicBoolean poisoned = new AtomicBoolean();

  /** What has the page: an {@link AnonVma}, a {@link FakeFile}, or null: {@code page->mapping}. */
  @GuardedBy("page lock or ptlock, of who has the only reference: no lock")
  private volatile Object mapping;

  /** Which page of that: {@code page->index}. */
  @GuardedBy("as mapping")
  private volatile long index;

  /** The slot that it is cached for, or {@link SwapArea#NO_SLOT}: {@code PageSwapCache}. */
  @GuardedBy("swap_info->lock to write")
  private volatile int swapSlot = SwapArea.NO_SLOT;

  /** {@code PageAnonExclusive}: no other address space can map it. */
  @GuardedBy("ptlock")
  private boolean anonExclusive;

  Page(long pfn, int wordsPerPage, Allocation record) {
    this.pfn = pfn;
    this.record = record;
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
        throw freed(Rule.USE_AFTER_FREE, "get");
      }
    } while (!refCount.compareAndSet(count, count + 1));
  }

  /** Drops a reference: {@code put_page_testzero}. Returns true if it was the last. */
  boolean putTestZero() {
    int count;
    do {
      count = refCount.get();
      if (count <= 0) {
        throw freed(Rule.DOUBLE_FREE, "put");
      }
      if (count == 1 && mapCount.get() != 0) {
        throw new KernelBug(Rule.STILL_IN_USE, "last put of " + this + ", which is mapped");
      }
    } while (!refCount.compareAndSet(count, count - 1));
    if (count == 1) {
      record.free();
    }
    return count == 1;
  }

  /** One more entry maps it: {@code page_add_file_rmap}, mm/rmap.c. */
  void addMapping() {
    checkLive("mapping");
    mapCount.incrementAndGet();
  }

  /** Its first entry maps it: {@code page_add_new_anon_rmap}, mm/rmap.c. */
  void addNewAnonMapping(AnonVma anonVma, long index) {
    belongTo(anonVma, index);
    anonExclusive = true;
    addMapping();
  }

  /** Says whose page it is, so that the entries that map it can be found. */
  void belongTo(Object mapping, long index) {
    this.index = index;
    this.mapping = mapping;
  }

  Object mapping() {
    return mapping;
  }

  long index() {
    return index;
  }

  int swapSlot() {
    return swapSlot;
  }

  void swapSlot(int slot) {
    swapSlot = slot;
  }

  /** {@code trylock_page}, include/linux/pagemap.h. Not bound to a task. */
  boolean tryLock() {
    return !locked.get() && locked.compareAndSet(false, true);
  }

  /** {@code PageLocked}. */
  boolean isLocked() {
    return locked.get();
  }

  /** Half of {@link PhysicalMemory#unlockPage}. */
  void clearLocked() {
    if (!locked.getAndSet(false)) {
      throw new KernelBug(Rule.BAD_UNLOCK, "unlock of " + this + ", which is not locked");
    }
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
    return mapping instanceof AnonVma;
  }

  boolean isAnonExclusive() {
    return anonExclusive;
  }

  /** The last sharer makes it its own: {@code page_move_anon_rmap}, mm/rmap.c. */
  void makeAnonExclusive() {
    anonExclusive = true;
  }

  /** What the entries know from now on: {@code page_try_share_anon_rmap}, include/linux/rmap.h. */
  void clearAnonExclusive() {
    anonExclusive = false;
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

  /**
   * Becomes what another page was, contents and owner: {@code folio_migrate_copy}, {@code
   * folio_migrate_flags}, mm/migrate.c. Context: both locked, nobody maps or knows either.
   */
  void takeOver(Page source) {
    copyFrom(source);
    belongTo(source.mapping, source.index);
    anonExclusive = source.anonExclusive;
  }

  /**
   * {@code TestSetPageHWPoison}. Returns false if it was poisoned before. A bad page is nobody's
   * any more: it keeps a reference for ever, but is no leak.
   */
  boolean poison() {
    boolean first = poisoned.compareAndSet(false, true);
    if (first) {
      record.free();
    }
    return first;
  }

  /** {@code PageHWPoison}. */
  boolean isPoisoned() {
    return poisoned.get();
  }

  /** Returns a copy of the contents. */
  int[] words() {
    int[] copy = new int[words.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = read(i);
    }
    return copy;
  }

  /** Replaces the contents. */
  void words(int[] values) {
    for (int i = 0; i < values.length; i++) {
      write(i, values[i]);
    }
  }

  private void checkLive(String access) {
    if (refCount.get() <= 0) {
      throw freed(Rule.USE_AFTER_FREE, access);
    }
  }

  private KernelBug freed(Rule rule, String access) {
    KernelBug site = null;
    try {
      record.check();
    } catch (KernelBug freed) {
      site = freed;
    }
    String who = site == null ? "" : ": " + site.getMessage();
    return new KernelBug(rule, access + " of " + this + ", which is free" + who, site);
  }

  @Override
  public String toString() {
    return "page 0x%x (refs %d, maps %d)".formatted(pfn, refCount.get(), mapCount.get());
  }
}

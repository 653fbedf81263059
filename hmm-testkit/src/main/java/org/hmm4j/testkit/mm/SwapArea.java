// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;

/**
 * A swap area and the cache of its pages: mm/swapfile.c, mm/swap_state.c, Linux 6.1. May be used
 * from any task.
 *
 * <p>A slot is in use while page-table entries refer to it or a page is cached for it. The area
 * behaves as one that is more than half full ({@code vm_swap_full}): a page that was read back
 * leaves the cache as soon as no entry refers to its slot.
 */
public final class SwapArea {

  /** How many slots an area has unless told otherwise. */
  public static final int DEFAULT_SLOTS = 1024;

  /** No slot is free, or a page has none. */
  static final int NO_SLOT = -1;

  private final PhysicalMemory memory;
  private final SpinLock lock;

  @GuardedBy("lock")
  private final Slot[] slots;

  SwapArea(PhysicalMemory memory, int size) {
    this.memory = memory;
    this.lock = memory.kernel().spinLock("swap_info->lock");
    this.slots = new Slot[size];
  }

  /** What {@code swap_map} and the swap cache know of a slot. */
  private static final class Slot {
    int entries;
    Page cached;
    int[] words;

    boolean isFree() {
      return entries == 0 && cached == null;
    }
  }

  /** Most slots of most areas are never used: each is made when it is first asked for. */
  private Slot slot(int number) {
    if (slots[number] == null) {
      slots[number] = new Slot();
    }
    return slots[number];
  }

  /**
   * Returns the size.
   *
   * @return slots
   */
  public int slots() {
    return slots.length;
  }

  /**
   * Returns how many slots are in use.
   *
   * @return slots, a number that may be old when it is looked at
   */
  public int slotsInUse() {
    int used = 0;
    lock.lock();
    for (Slot slot : slots) {
      used += slot == null || slot.isFree() ? 0 : 1;
    }
    lock.unlock();
    return used;
  }

  /**
   * Takes a slot and caches a page for it: {@code add_to_swap}. The cache gets a reference of its
   * own. Returns false if the area is full. Context: page lock held.
   */
  boolean add(Page page) {
    lock.lock();
    try {
      for (int i = 0; i < slots.length; i++) {
        if (slot(i).isFree()) {
          cache(i, page);
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void cache(int slot, Page page) {
    lock.assertHeld();
    page.get();
    slot(slot).cached = page;
    page.swapSlot(slot);
  }

  /** One more entry refers to a slot: {@code swap_duplicate}. */
  void duplicate(int slot) {
    lock.lock();
    slot(slot).entries++;
    lock.unlock();
  }

  /** One entry less refers to a slot: {@code swap_free}. */
  void free(int slot) {
    lock.lock();
    try {
      if (slot(slot).entries == 0) {
        throw new KernelBug(Rule.DOUBLE_FREE, "swap_free of slot " + slot + ", which has no entry");
      }
      slot(slot).entries--;
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #free}, and the cached page goes with the last entry: {@code free_swap_and_cache}.
   */
  void freeWithCache(int slot) {
    free(slot);
    Page page = lookUp(slot);
    if (page != null) {
      freeUnmappedCache(page);
      memory.put(page);
    }
  }

  /**
   * Finds the cached page and adds a reference: {@code lookup_swap_cache}; null if there is none.
   */
  Page lookUp(int slot) {
    lock.lock();
    Page page = slot(slot).cached;
    if (page != null) {
      page.get();
    }
    lock.unlock();
    return page;
  }

  /**
   * Caches a page that is about to be read: the second half of {@code __read_swap_cache_async}.
   * Returns false if nobody refers to the slot any more, or another page is cached already.
   */
  boolean addForReading(int slot, Page page) {
    lock.lock();
    try {
      if (slot(slot).entries == 0 || slot(slot).cached != null) {
        return false;
      }
      cache(slot, page);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** {@code swap_writepage}. Context: page lock held; the page is cached and nobody maps it. */
  void write(Page page) {
    slot(page.swapSlot()).words = page.words();
  }

  /** {@code swap_readpage}. Context: page lock held; the page is cached. */
  void read(Page page) {
    page.words(slot(page.swapSlot()).words);
  }

  /**
   * Drops a page from the cache if no entry refers to its slot: {@code try_to_free_swap}. Context:
   * page lock held; the caller has a reference.
   */
  void freeUnusedCache(Page page) {
    lock.lock();
    int slot = page.swapSlot();
    boolean unused = slot != NO_SLOT && slot(slot).entries == 0;
    if (unused) {
      slot(slot).cached = null;
      page.swapSlot(NO_SLOT);
    }
    lock.unlock();
    if (unused) {
      memory.put(page);
    }
  }

  /**
   * As {@link #freeUnusedCache} for a page that nobody maps and nobody has locked: {@code
   * free_swap_cache}, mm/swap_state.c. Any context; the caller has a reference.
   */
  void freeUnmappedCache(Page page) {
    if (page.swapSlot() != NO_SLOT && page.mapCount() == 0 && page.lock().tryLock()) {
      freeUnusedCache(page);
      memory.unlockPage(page);
    }
  }

  /**
   * Unlocks a page that may be cached, and looks again whether it has to be: who dropped the last
   * entry meanwhile found it locked.
   */
  void unlockPage(Page page) {
    memory.unlockPage(page);
    freeUnmappedCache(page);
  }

  /**
   * Drops a page from the cache, though entries refer to the slot, if nobody but the caller and the
   * cache has it: {@code __remove_mapping}, mm/vmscan.c. Context: page lock held.
   */
  boolean remove(Page page) {
    lock.lock();
    boolean unused = page.refCount() == 2;
    if (unused) {
      slot(page.swapSlot()).cached = null;
      page.swapSlot(NO_SLOT);
    }
    lock.unlock();
    if (unused) {
      memory.put(page);
    }
    return unused;
  }

  /**
   * Lets another page take the place of a cached one, with its reference, if nobody but the caller
   * and the cache has it: {@code folio_migrate_mapping}, mm/migrate.c. Context: both pages locked.
   */
  boolean replace(Page page, Page by) {
    lock.lock();
    boolean unused = page.refCount() == 2;
    if (unused) {
      int slot = page.swapSlot();
      by.takeOver(page);
      page.swapSlot(NO_SLOT);
      cache(slot, by);
    }
    lock.unlock();
    if (unused) {
      memory.put(page);
    }
    return unused;
  }
}

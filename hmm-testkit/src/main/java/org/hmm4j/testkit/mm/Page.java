// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.trace.Tracer;

/**
 * One life of a page frame: {@code struct page}, include/linux/mm_types.h, 6.1. A frame that is
 * freed and allocated again gets a new object, so that who kept the old one is found out.
 */
final class Page {

  /** As many references as a pin counts for: {@code GUP_PIN_COUNTING_BIAS}. */
  private static final int PIN_BIAS = 1024;

  private final long pfn;

  /** Says who allocated the page and who freed it; null for the zero page, which stays. */
  private final Allocation record;

  /** What it is a part of, or null: {@code compound_head}. The head has what all parts share. */
  private volatile CompoundPage compound;

  private final PageWords words;
  private final RefCount refCount = new RefCount();
  private final MapCount mapCount = new MapCount();

  private final PageLock lock;
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
  @GuardedBy("ptlock of an entry that maps it, or page lock of who has the only reference")
  private volatile boolean anonExclusive;

  /** The device memory that it lies in; null for main memory: {@code page->pgmap}. */
  private final DevPagemap pagemap;

  /** Makes the page of a frame; without a tracer nobody is told of its lock. */
  Page(long pfn, int wordsPerPage, Allocation record, DevPagemap pagemap, Tracer tracer) {
    this.lock = new PageLock(this, tracer);
    this.pfn = pfn;
    this.record = record;
    this.pagemap = pagemap;
    this.words = new PageWords(wordsPerPage);
  }

  long pfn() {
    return pfn;
  }

  /** Becomes a part of a compound page that nobody knows yet. */
  void join(CompoundPage compound) {
    this.compound = compound;
  }

  /**
   * Becomes a page of its own, with one reference: {@code __split_huge_page_tail}. A part that no
   * entry remembers belongs to no process alone any more.
   */
  void leave(Object mapping, long index) {
    this.index = index;
    this.mapping = mapping;
    lock.tryLock();
    refCount.unfreeze();
    anonExclusive = false;
    compound = null;
  }

  /** Returns what it is a part of, or null: {@code PageTransCompound}. */
  CompoundPage compound() {
    return compound;
  }

  /** {@code PageTail}, include/linux/page-flags.h. */
  boolean isTail() {
    return head() != this;
  }

  /** Returns its own counter, of a head that of all parts. */
  RefCount references() {
    return refCount;
  }

  /** {@code compound_head}, include/linux/page-flags.h: itself if it is no part of anything. */
  Page head() {
    CompoundPage whole = compound;
    return whole == null ? this : whole.head();
  }

  /** Returns the record of the block that it was allocated with, or null. */
  BlockRecord block() {
    return record instanceof BlockRecord block ? block : null;
  }

  int refCount() {
    return head().refCount.get();
  }

  /** {@code page_mapcount}, include/linux/mm.h: by a huge entry, too. */
  int mapCount() {
    CompoundPage whole = compound;
    return mapCount.get() + (whole == null ? 0 : whole.mapCount());
  }

  /** How many ptes map it. */
  int ownMapCount() {
    return mapCount.get();
  }

  /** {@code folio_mapcount}: how many entries map it, or another part of what it belongs to. */
  int totalMapCount() {
    CompoundPage whole = compound;
    return whole == null ? mapCount.get() : whole.totalMapCount();
  }

  /** {@code get_page}, include/linux/mm.h: the caller has a reference already. */
  void get() {
    add(1);
  }

  /** {@code page_ref_add}, include/linux/page_ref.h: the caller has a reference already. */
  void add(int references) {
    if (!head().refCount.tryAdd(references)) {
      throw freed(Rule.USE_AFTER_FREE, "get");
    }
  }

  /** {@code get_page_unless_zero}. Returns false if it is free. */
  boolean tryGet() {
    return head().refCount.tryAdd(1);
  }

  DevPagemap pagemap() {
    return pagemap;
  }

  /** {@code is_zone_device_page}. */
  boolean isZoneDevice() {
    return pagemap != null;
  }

  /** {@code is_device_private_page}. */
  boolean isDevicePrivate() {
    return pagemap != null && pagemap.type() == MemoryType.DEVICE_PRIVATE;
  }

  /** Whether a cache knows it, with a reference of its own: {@code page_mapping}. */
  boolean isCached() {
    return mapping instanceof FakeFile || swapSlot != SwapArea.NO_SLOT;
  }

  /** Drops a reference: {@code put_page_testzero}. Returns true if it was the last. */
  boolean putTestZero() {
    return subTestZero(1);
  }

  private boolean subTestZero(int references) {
    int left = head().refCount.subtract(references, this::checkUnmapped);
    if (left < 0) {
      throw freed(Rule.DOUBLE_FREE, "put");
    }
    if (left == 0) {
      freeRecord();
    }
    return left == 0;
  }

  private void checkUnmapped() {
    if (totalMapCount() != 0) {
      throw new KernelBug(Rule.STILL_IN_USE, "last put of " + this + ", which is mapped");
    }
  }

  private void freeRecord() {
    CompoundPage whole = compound;
    if (whole == null) {
      record.free();
    } else {
      whole.free();
    }
  }

  /** One more entry maps it: {@code page_add_file_rmap}, mm/rmap.c. */
  void addMapping() {
    checkLive("mapping");
    mapCount.increment();
  }

  /** Its first entry maps it: {@code page_add_new_anon_rmap}, mm/rmap.c. */
  void addNewAnonMapping(AnonVma anonVma, long index) {
    addAnonMapping(anonVma, index, true);
  }

  /**
   * One more entry maps it, perhaps its first since it was read from swap: {@code
   * page_add_anon_rmap}, mm/rmap.c. A page that others may have belongs to the oldest anon_vma.
   */
  void addAnonMapping(AnonVma anonVma, long index, boolean exclusive) {
    if (!isAnonymous()) {
      belongTo(exclusive ? anonVma : anonVma.root(), index);
    }
    anonExclusive |= exclusive;
    addMapping();
  }

  /** Says whose page it is, so that the entries that map it can be found. */
  void belongTo(Object mapping, long index) {
    Page head = head();
    head.index = index - (pfn - head.pfn);
    head.mapping = mapping;
  }

  Object mapping() {
    return head().mapping;
  }

  /** {@code page_to_pgoff}, include/linux/pagemap.h. */
  long index() {
    Page head = head();
    return head.index + (pfn - head.pfn);
  }

  int swapSlot() {
    return swapSlot;
  }

  void swapSlot(int slot) {
    swapSlot = slot;
  }

  /** {@code PG_locked}; that of the head stands for all parts. */
  PageLock lock() {
    return head().lock;
  }

  /** One entry less maps it: {@code page_remove_rmap}, mm/rmap.c. */
  void removeMapping() {
    mapCount.decrement(this);
  }

  boolean isAnonymous() {
    return mapping() instanceof AnonVma;
  }

  boolean isAnonExclusive() {
    return anonExclusive;
  }

  /** {@code SetPageAnonExclusive}. */
  void setAnonExclusive() {
    anonExclusive = true;
  }

  /** The last sharer makes it its own: {@code page_move_anon_rmap}, mm/rmap.c. */
  void moveAnonRmap(AnonVma anonVma) {
    head().mapping = anonVma;
    anonExclusive = true;
  }

  /**
   * Lets it be unmapped for a while, or be shared; what its entry was is known to the caller:
   * {@code page_try_share_anon_rmap}, include/linux/rmap.h. Returns false, with nothing changed, if
   * somebody has pinned the page, who must go on to see what the process sees.
   */
  boolean tryShareAnonRmap() {
    if (maybeDmaPinned()) {
      return false;
    }
    anonExclusive = false;
    return true;
  }

  /**
   * One more process maps it after a fork: {@code page_try_dup_anon_rmap}, include/linux/rmap.h.
   * Returns false, with nothing changed, if it was pinned while it was the process' own: the child
   * needs a copy then.
   */
  boolean tryDupAnonRmap() {
    if (anonExclusive && !tryShareAnonRmap()) {
      return false;
    }
    addMapping();
    return true;
  }

  /** {@code try_grab_page} with {@code FOLL_PIN}, mm/gup.c. The caller has a reference. */
  void pin() {
    add(PIN_BIAS);
  }

  /** Half of {@link PhysicalMemory#unpin}: returns true if it was the last reference. */
  boolean unpinTestZero() {
    if (!maybeDmaPinned()) {
      throw new KernelBug(Rule.DOUBLE_FREE, "unpin of " + this + ", which is not pinned");
    }
    return subTestZero(PIN_BIAS);
  }

  /** {@code page_maybe_dma_pinned}, include/linux/mm.h. */
  boolean maybeDmaPinned() {
    return refCount() >= PIN_BIAS;
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
    words(source.words());
  }

  /**
   * Becomes what another page was, contents and owner: {@code folio_migrate_copy}, {@code
   * folio_migrate_flags}, mm/migrate.c. Context: both locked, nobody maps or knows either.
   */
  void takeOver(Page source) {
    CompoundPage whole = compound;
    if (whole == null) {
      copyFrom(source);
    } else {
      whole.copyFrom(source.compound);
    }
    belongTo(source.mapping(), source.index());
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

  boolean isPoisoned() {
    return poisoned.get();
  }

  /** Returns a copy of the contents. */
  int[] words() {
    checkLive("read");
    return words.all();
  }

  /** Replaces the contents. */
  void words(int[] values) {
    checkLive("write");
    words.all(values);
  }

  private void checkLive(String access) {
    if (refCount() <= 0) {
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
    return "page 0x%x (refs %d, maps %d)".formatted(pfn, refCount(), mapCount());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * The page frames of a machine, one object per kernel: mm/page_alloc.c as far as anybody can see.
 *
 * <p>A frame is in use while its reference count is not 0. Each page-table entry that maps it, and
 * the page cache, hold one reference; the map count counts the entries alone. Contents are 32-bit
 * words; by default only the first word of each page is kept. A freed frame is used again as late
 * as possible, and every access to a free one is a {@link KernelBug}. May be used from any task.
 */
public final class PhysicalMemory {

  /** The answer of {@link #allocate} when there is no memory. */
  public static final long NO_PAGE = -1;

  private final Kernel kernel;
  private final int wordsPerPage;
  private final FrameTable zone;
  private final HugeFrames huge;
  private final Page zeroPage;
  private final PageLocks pageLocks;
  private final SwapArea swap;
  private final ReverseMap reverseMap;
  private final DeviceFrames devices;
  private final ZoneDevice zoneDevice;
  private final MachinePages frames;
  private final AtomicLong allocations = new AtomicLong();
  private final AtomicLong inUse = new AtomicLong();
  private final AtomicLong poisoned = new AtomicLong();
  private volatile LongPredicate failAllocation = number -> false;

  private PhysicalMemory(Kernel kernel, int wordsPerPage, int swapSlots) {
    this.kernel = kernel;
    this.wordsPerPage = wordsPerPage;
    this.zone = new FrameTable(kernel, wordsPerPage);
    this.huge = new HugeFrames(this, zone);
    this.zeroPage = zone.take(null);
    this.pageLocks = new PageLocks(kernel);
    this.devices = new DeviceFrames(kernel.spinLock("resource_lock"));
    this.swap = new SwapArea(this, swapSlots);
    this.reverseMap = new ReverseMap(kernel);
    this.zoneDevice = new ZoneDevice(kernel, wordsPerPage);
    this.frames = new MachinePages(this, zoneDevice);
  }

  /**
   * Makes a memory that keeps the first word of each page.
   *
   * @param kernel the kernel whose memory it is
   * @return a memory with all frames free
   */
  public static PhysicalMemory create(Kernel kernel) {
    return create(kernel, 1);
  }

  /**
   * Makes a memory.
   *
   * @param kernel the kernel whose memory it is
   * @param wordsPerPage how many 32-bit words of each page it keeps, from the first on; 1024 for
   *     whole pages of 4 KiB
   * @return a memory with all frames free
   */
  public static PhysicalMemory create(Kernel kernel, int wordsPerPage) {
    return create(kernel, wordsPerPage, SwapArea.DEFAULT_SLOTS);
  }

  /**
   * Makes a memory with a swap area.
   *
   * @param kernel the kernel whose memory it is
   * @param wordsPerPage as for {@link #create(Kernel, int)}
   * @param swapSlots how many pages can be swapped out; 0 for no swap
   * @return a memory with all frames and slots free
   */
  public static PhysicalMemory create(Kernel kernel, int wordsPerPage, int swapSlots) {
    Objects.requireNonNull(kernel, "kernel");
    if (wordsPerPage < 1) {
      throw new IllegalArgumentException("want at least one word per page, got " + wordsPerPage);
    }
    if (swapSlots < 0) {
      throw new IllegalArgumentException("a swap area has no negative size, got " + swapSlots);
    }
    return new PhysicalMemory(kernel, wordsPerPage, swapSlots);
  }

  /**
   * Returns the kernel whose memory this is.
   *
   * @return the kernel
   */
  public Kernel kernel() {
    return kernel;
  }

  /**
   * Returns how many words of each page are kept.
   *
   * @return words, counted from the first of the page
   */
  public int wordsPerPage() {
    return wordsPerPage;
  }

  /**
   * Returns where pages are swapped out to.
   *
   * @return the swap area
   */
  public SwapArea swap() {
    return swap;
  }

  /**
   * Returns the pages as the device memory layer handles them.
   *
   * @return the same object at each call
   */
  public PageFrames frames() {
    return frames;
  }

  /**
   * Sets the fault plan: which allocations fail. Replaces the plan before.
   *
   * @param plan asked at each allocation with its number, from 0 for the first that asks any plan;
   *     true lets it fail. May be asked by several tasks at once
   */
  public void failAllocation(LongPredicate plan) {
    failAllocation = Objects.requireNonNull(plan, "plan");
  }

  /**
   * Allocates a zeroed page: {@code alloc_page}. Context: may sleep.
   *
   * @return its pfn, with one reference; {@link #NO_PAGE} if the fault plan said so
   * @throws KernelBug {@link Rule#SLEEP_IN_ATOMIC} in atomic context; nothing is allocated
   */
  public long allocate() {
    Page page = allocatePage();
    return page == null ? NO_PAGE : page.pfn();
  }

  /**
   * Adds a reference: {@code get_page}. Any context.
   *
   * @param pfn a page that the caller has a reference to
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if it is free; nothing changes
   */
  public void get(long pfn) {
    page(pfn).get();
  }

  /**
   * Drops a reference, and frees the page with the last: {@code put_page}. Any context.
   *
   * @param pfn a page that the caller has a reference to
   * @throws KernelBug {@link Rule#DOUBLE_FREE} if it is free, {@link Rule#STILL_IN_USE} if this was
   *     the last reference and an entry maps it; nothing changes
   */
  public void put(long pfn) {
    put(page(pfn));
  }

  /**
   * Returns the reference count of a page: {@code page_count}.
   *
   * @param pfn a page
   * @return the count, which may be old when it is looked at; 0 if it is free
   */
  public int refCount(long pfn) {
    return page(pfn).refCount();
  }

  /**
   * Returns how many entries map a page: {@code page_mapcount}.
   *
   * @param pfn a page
   * @return the count, which may be old when it is looked at
   */
  public int mapCount(long pfn) {
    return page(pfn).mapCount();
  }

  /**
   * Reads the first word of a page, as a device does.
   *
   * @param pfn a page
   * @return the word
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if it is free
   */
  public int readWord(long pfn) {
    return readWord(pfn, 0);
  }

  /**
   * Reads a word of a page, or of a frame of {@link DeviceMemory}, which has only the first.
   *
   * @param pfn a page
   * @param index which word, 0 up to {@link #wordsPerPage} exclusive
   * @return the word
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if it is free
   */
  public int readWord(long pfn, int index) {
    if (DeviceFrames.contain(pfn)) {
      return index == 0 ? devices.read(pfn) : 0;
    }
    return page(pfn).read(Objects.checkIndex(index, wordsPerPage));
  }

  /**
   * Writes the first word of a page, as a device does.
   *
   * @param pfn a page, not the zero page
   * @param value the word
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if it is free, {@link Rule#STILL_IN_USE} if it is
   *     the zero page; nothing changes
   */
  public void writeWord(long pfn, int value) {
    writeWord(pfn, 0, value);
  }

  /**
   * Writes a word of a page, or of a frame of {@link DeviceMemory}, which has only the first.
   *
   * @param pfn a page, not the zero page
   * @param index which word, 0 up to {@link #wordsPerPage} exclusive
   * @param value the word
   * @throws KernelBug as {@link #writeWord(long, int)}
   */
  public void writeWord(long pfn, int index, int value) {
    if (pfn == zeroPage.pfn() || huge.isZero(pfn)) {
      throw new KernelBug(Rule.STILL_IN_USE, "write to the zero page, which everybody maps");
    }
    if (DeviceFrames.contain(pfn)) {
      devices.write(pfn, index, value);
      return;
    }
    page(pfn).write(Objects.checkIndex(index, wordsPerPage), value);
  }

  /**
   * Returns how many frames are in use, without the zero page.
   *
   * @return frames, a number that may be old when it is looked at
   */
  public long framesInUse() {
    return inUse.get();
  }

  /**
   * Returns how many frames have a memory error. They are not in use any more and never will be.
   *
   * @return frames
   */
  public long framesPoisoned() {
    return poisoned.get();
  }

  /**
   * Returns the zero page, which is never freed: {@code my_zero_pfn}.
   *
   * @return its pfn
   */
  public long zeroPfn() {
    return zeroPage.pfn();
  }

  ReverseMap reverseMap() {
    return reverseMap;
  }

  /**
   * Returns where pages of more than one frame come from.
   *
   * @return the huge pages
   */
  public HugeFrames huge() {
    return huge;
  }

  DeviceFrames devices() {
    return devices;
  }

  /** As {@link #allocate}; null if there is no memory. */
  Page allocatePage() {
    if (!mayAllocate()) {
      return null;
    }
    Page page = zone.take(kernel.allocations().track("page"));
    charge(1);
    return page;
  }

  /** Whether there is memory: asks the fault plan. */
  boolean mayAllocate() {
    kernel.context().mightAlloc();
    return !failAllocation.test(allocations.getAndIncrement());
  }

  /** So many frames more are in use. */
  void charge(int frames) {
    inUse.addAndGet(frames);
  }

  /** As {@link #put(long)}. */
  void put(Page page) {
    if (page.putTestZero()) {
      free(page);
    }
  }

  /** Takes back what {@link Page#pin} gave: {@code unpin_user_page}, mm/gup.c. */
  void unpin(Page page) {
    if (page.unpinTestZero()) {
      free(page);
    }
  }

  private void free(Page page) {
    pageLocks.checkFree(page);
    if (page.isZoneDevice()) {
      zoneDevice.free(page);
    } else if (page.compound() == null) {
      charge(-1);
      zone.free(page);
    } else {
      huge.free(page.compound());
    }
  }

  /** {@link PageLocks#lock}. */
  void lockPage(Page page) {
    pageLocks.lock(page);
  }

  /** {@link PageLocks#unlock}. */
  void unlockPage(Page page) {
    pageLocks.unlock(page);
  }

  /** {@link PageLocks#waitUnlocked}. */
  void waitUnlocked(Page page) {
    pageLocks.waitUnlocked(page);
  }

  /**
   * Marks a page as bad, for good: {@code memory_failure}. Takes over the caller's reference if it
   * was not marked before; otherwise returns false.
   */
  boolean poison(Page page) {
    if (!page.poison()) {
      return false;
    }
    poisoned.incrementAndGet();
    inUse.decrementAndGet();
    return true;
  }

  /** Finds the page in a frame: {@code pfn_to_page}. */
  Page page(long pfn) {
    Page page = ZoneDevice.contains(pfn) ? zoneDevice.page(pfn) : zone.page(pfn);
    if (page == null) {
      throw new KernelBug(Rule.NOT_REGISTERED, "no page at pfn 0x" + Long.toHexString(pfn));
    }
    return page;
  }
}

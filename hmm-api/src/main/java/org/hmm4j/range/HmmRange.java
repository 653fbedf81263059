// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import java.util.Objects;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.notifier.MmuIntervalNotifier;

/**
 * A range of addresses with a request and an answer for each page: {@code struct hmm_range},
 * include/linux/hmm.h.
 *
 * <p>Owned by the driver, which fills it, uses it for one call after the other and never shares it
 * between tasks while a call is running. {@link #valid()} and {@link #waitUntilValid} belong to the
 * mirror API (Linux 5.3) and need a {@linkplain HmmMirror#rangeRegister registered} range; {@link
 * #notifier(MmuIntervalNotifier, long)} belongs to the interval API (Linux 6.1).
 */
public final class HmmRange {

  private static final int PAGE_SHIFT = 12;

  private final long start;
  private final long end;
  private final int pageShift;
  private final long[] pfns;
  private long defaultFlags;
  private long pfnFlagsMask;
  private Object devPrivateOwner;
  private MmuIntervalNotifier notifier;
  private long notifierSeq;

  /** {@code range->hmm}; null before registration, a poison after it. */
  private volatile RangeRegistration registration;

  private HmmRange(long start, long end, int pageShift) {
    this.start = start;
    this.end = end;
    this.pageShift = pageShift;
    this.pfns = new long[pageCount(start, end, pageShift)];
  }

  private static int pageCount(long start, long end, int pageShift) {
    if (pageShift < 1 || pageShift > 30) {
      throw new IllegalArgumentException("a page shift is 1 to 30, got " + pageShift);
    }
    if (start < 0 || end < 0) {
      throw new IllegalArgumentException(
          "addresses are below 2^63, got 0x%x, 0x%x".formatted(start, end));
    }
    // An empty range is not refused here: the calls that take it answer EINVAL, as in the kernel.
    long pages = end <= start ? 0 : ((end - 1) >>> pageShift) - (start >>> pageShift) + 1;
    if (pages > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("a range holds fewer than 2^31 pages, got " + pages);
    }
    return (int) pages;
  }

  /**
   * Makes a range over pages of 4 KiB that requests nothing: a snapshot.
   *
   * @param start first address, in bytes
   * @param end first address beyond
   * @return the range
   * @throws IllegalArgumentException if an address is negative or there are 2^31 pages or more
   */
  public static HmmRange of(long start, long end) {
    return of(start, end, PAGE_SHIFT);
  }

  /**
   * As {@link #of(long, long)}, for pages of another size.
   *
   * @param start first address, in bytes
   * @param end first address beyond
   * @param pageShift log2 of the page size of the address space in bytes
   * @return the range
   * @throws IllegalArgumentException if an address is negative, there are 2^31 pages or more, or
   *     the shift is not 1 to 30
   */
  public static HmmRange of(long start, long end, int pageShift) {
    return new HmmRange(start, end, pageShift);
  }

  /**
   * Requests this for every page, in addition to the pages' own entries: {@code default_flags}.
   *
   * @param flags {@link HmmPfn#REQ_FAULT}, {@link HmmPfn#REQ_WRITE}, both or 0; other bits have no
   *     effect
   * @return this range
   */
  public HmmRange defaultFlags(long flags) {
    defaultFlags = flags;
    return this;
  }

  /**
   * Lets these bits of the pages' own entries count as requests: {@code pfn_flags_mask}. With 0,
   * the default, what stands in {@link #pfns()} before a call does not matter; otherwise it has to
   * be set again before each call, because the answers use the same bits.
   *
   * @param mask {@link HmmPfn#REQ_FAULT}, {@link HmmPfn#REQ_WRITE}, both or 0; other bits have no
   *     effect, so all ones is fine
   * @return this range
   */
  public HmmRange pfnFlagsMask(long mask) {
    pfnFlagsMask = mask;
    return this;
  }

  /**
   * Names the owner whose device-private pages are reported rather than faulted: {@code
   * dev_private_owner}.
   *
   * @param owner compared by identity; null owns nothing
   * @return this range
   */
  public HmmRange devPrivateOwner(Object owner) {
    devPrivateOwner = owner;
    return this;
  }

  /**
   * Ties the range to an interval notifier: {@code notifier} and {@code notifier_seq}.
   *
   * @param notifier a notifier whose interval covers the range
   * @param seq what {@link MmuIntervalNotifier#readBegin} returned, before the mmap lock was taken
   * @return this range
   */
  public HmmRange notifier(MmuIntervalNotifier notifier, long seq) {
    this.notifier = Objects.requireNonNull(notifier, "notifier");
    notifierSeq = seq;
    return this;
  }

  /**
   * Returns the first address.
   *
   * @return bytes
   */
  public long start() {
    return start;
  }

  /**
   * Returns the first address beyond.
   *
   * @return bytes
   */
  public long end() {
    return end;
  }

  /**
   * Returns log2 of the page size.
   *
   * @return 12 for 4 KiB
   */
  public int pageShift() {
    return pageShift;
  }

  /**
   * Returns the requests and answers, one entry a page in the format of {@link HmmPfn}: {@code
   * hmm_pfns}.
   *
   * @return the live array, empty for an empty range
   */
  public long[] pfns() {
    return pfns;
  }

  /**
   * Returns the answer for one page.
   *
   * @param index the page, counted from the start of the range
   * @return an entry in the format of {@link HmmPfn}
   * @throws ArrayIndexOutOfBoundsException if the range has no such page
   */
  public long pfn(int index) {
    return pfns[index];
  }

  /**
   * Returns what is requested for every page.
   *
   * @return {@code default_flags}
   */
  public long defaultFlags() {
    return defaultFlags;
  }

  /**
   * Returns which bits of the pages' own entries count as requests.
   *
   * @return {@code pfn_flags_mask}
   */
  public long pfnFlagsMask() {
    return pfnFlagsMask;
  }

  /**
   * Returns the owner of device-private pages that are reported.
   *
   * @return {@code dev_private_owner}, null for none
   */
  public Object devPrivateOwner() {
    return devPrivateOwner;
  }

  /**
   * Returns the interval notifier.
   *
   * @return the notifier, or null if none was set
   */
  public MmuIntervalNotifier notifier() {
    return notifier;
  }

  /**
   * Returns the sequence that the interval notifier's read began with.
   *
   * @return {@code notifier_seq}
   */
  public long notifierSeq() {
    return notifierSeq;
  }

  /**
   * Returns whether no invalidation of the range is known to be running: {@code hmm_range_valid},
   * v5.3. Meaningful only under the driver's lock that {@link HmmMirrorOps#syncCpuDevicePagetables}
   * takes too. Any context.
   *
   * @return false while an invalidation that overlaps the range is running
   * @throws KernelBug {@link KernelBug.Rule#NOT_REGISTERED} if it was never registered, {@link
   *     KernelBug.Rule#USE_AFTER_FREE} if it was unregistered
   */
  public boolean valid() {
    return registered().valid();
  }

  /**
   * Waits until {@link #valid()} is seen true: {@code hmm_range_wait_until_valid}, v5.3. Only a
   * hint: it may be false again at once. Context: may sleep. The mmap lock is better not held; held
   * for read, as nouveau did, it makes those who want it for write wait as long.
   *
   * @param timeoutMillis milliseconds; 0 tests once
   * @return whether it was seen true in time
   * @throws IllegalArgumentException if the time is negative
   * @throws KernelBug as {@link #valid()}; {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  public boolean waitUntilValid(long timeoutMillis) {
    return registered().waitUntilValid(timeoutMillis);
  }

  private RangeRegistration registered() {
    RangeRegistration current = registration;
    if (current == null) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " is not registered");
    }
    return current;
  }

  RangeRegistration registration() {
    return registration;
  }

  void registration(RangeRegistration registration) {
    this.registration = registration;
  }

  @Override
  public String toString() {
    return "hmm_range [0x%x, 0x%x)".formatted(start, end);
  }
}

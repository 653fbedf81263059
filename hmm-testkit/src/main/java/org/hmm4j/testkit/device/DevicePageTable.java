// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.device;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.Pte;
import org.hmm4j.trace.Tracer;

/**
 * The page table of a device: pages of the mirrored address space to page frames. Every method
 * needs the driver's lock, the one that its invalidation callback takes too.
 */
public final class DevicePageTable {

  private final Mutex lock;
  private final int pageShift;
  private final Tracer tracer;

  /** By page index, the address shifted right by the page shift. */
  @GuardedBy("lock")
  private final NavigableMap<Long, Entry> entries = new TreeMap<>();

  /**
   * What one page maps to.
   *
   * @param pfn the page frame
   * @param writable whether the device may write
   * @param atomic whether the device has the page to itself, for atomic access
   */
  public record Entry(long pfn, boolean writable, boolean atomic) {}

  /**
   * Makes an empty table.
   *
   * @param lock the driver's lock
   * @param pageShift log2 of the page size in bytes
   */
  public DevicePageTable(Mutex lock, int pageShift) {
    this(lock, pageShift, null);
  }

  /**
   * Makes an empty table whose changes are reported, in the format of {@link Pte}.
   *
   * @param lock the driver's lock
   * @param pageShift log2 of the page size in bytes
   * @param tracer reports the changes, or null
   */
  public DevicePageTable(Mutex lock, int pageShift, Tracer tracer) {
    this.lock = lock;
    this.pageShift = pageShift;
    this.tracer = tracer;
  }

  /**
   * Returns the lock that every other method needs.
   *
   * @return the driver's lock
   */
  public Mutex lock() {
    return lock;
  }

  /**
   * Maps a page, in place of what was there. Context: {@link #lock} held.
   *
   * @param address any address within the page, in bytes
   * @param pfn the page frame
   * @param writable whether the device may write
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock; nothing changes
   */
  public void map(long address, long pfn, boolean writable) {
    lock.assertHeld();
    put(address, new Entry(pfn, writable, false));
  }

  /**
   * As {@link #map}, for a page that the device has to itself: it may read it, and change it
   * atomically, but plain writes need an entry of {@link #map}.
   *
   * @param address any address within the page, in bytes
   * @param pfn the page frame
   */
  public void mapAtomic(long address, long pfn) {
    lock.assertHeld();
    put(address, new Entry(pfn, false, true));
  }

  private void put(long address, Entry entry) {
    Entry before = entries.put(address >>> pageShift, entry);
    if (tracer != null) {
      report(address >>> pageShift, before, entry);
    }
  }

  /**
   * Drops one page. Context: {@link #lock} held.
   *
   * @param address any address within the page, in bytes
   */
  public void erase(long address) {
    lock.assertHeld();
    Entry before = entries.remove(address >>> pageShift);
    if (tracer != null && before != null) {
      report(address >>> pageShift, before, null);
    }
  }

  /**
   * Finds what a page maps to. Context: {@link #lock} held.
   *
   * @param address any address within the page, in bytes
   * @return the entry, or null
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  public Entry find(long address) {
    lock.assertHeld();
    return entries.get(address >>> pageShift);
  }

  /**
   * Drops the pages from one address up to another, and the page that begins there: the kernel's
   * test driver takes the end for inclusive ({@code dmirror_do_update}, lib/test_hmm.c, Linux 6.1),
   * which costs a fault but is never wrong. Context: {@link #lock} held.
   *
   * @param start first address, in bytes
   * @param end an address in bytes, to be compared unsigned
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock; nothing changes
   */
  public void drop(long start, long end) {
    lock.assertHeld();
    NavigableMap<Long, Entry> dropped =
        entries.subMap(start >>> pageShift, true, end >>> pageShift, true);
    if (tracer != null) {
      dropped.forEach((page, entry) -> report(page, entry, null));
    }
    dropped.clear();
  }

  private void report(long page, Entry before, Entry after) {
    long from = word(before);
    long to = word(after);
    if (from != to) {
      tracer.entryChanged(
          this, page << pageShift, from, to, Pte.toString(from) + " -> " + Pte.toString(to));
    }
  }

  private static long word(Entry entry) {
    return entry == null ? Pte.NONE : Pte.present(entry.pfn(), entry.writable() ? Pte.WRITE : 0);
  }

  /**
   * Returns how many pages are mapped. Context: {@link #lock} held.
   *
   * @return pages
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  public int size() {
    lock.assertHeld();
    return entries.size();
  }

  /**
   * Returns what is mapped, by page index. Context: {@link #lock} held.
   *
   * @return a copy, in order of address
   * @throws KernelBug {@link KernelBug.Rule#LOCK_NOT_HELD} without the lock
   */
  public NavigableMap<Long, Entry> snapshot() {
    lock.assertHeld();
    return new TreeMap<>(entries);
  }

  @Override
  public String toString() {
    return "device page table";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.device;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.Mutex;

/**
 * The page table of a device: pages of the mirrored address space to page frames. Every method
 * needs the driver's lock, the one that its invalidation callback takes too.
 */
public final class DevicePageTable {

  private final Mutex lock;
  private final int pageShift;

  /** By page index, the address shifted right by the page shift. */
  @GuardedBy("lock")
  private final NavigableMap<Long, Entry> entries = new TreeMap<>();

  /**
   * What one page maps to.
   *
   * @param pfn the page frame
   * @param writable whether the device may write
   */
  public record Entry(long pfn, boolean writable) {}

  /**
   * Makes an empty table.
   *
   * @param lock the driver's lock
   * @param pageShift log2 of the page size in bytes
   */
  public DevicePageTable(Mutex lock, int pageShift) {
    this.lock = lock;
    this.pageShift = pageShift;
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
    entries.put(address >>> pageShift, new Entry(pfn, writable));
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
    entries.subMap(start >>> pageShift, true, end >>> pageShift, true).clear();
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
}

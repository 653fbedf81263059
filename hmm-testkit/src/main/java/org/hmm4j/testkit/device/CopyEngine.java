// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.device;

import org.hmm4j.kernel.Mutex;
import org.hmm4j.testkit.mm.PhysicalMemory;

/**
 * What a device does by itself: copies words between its own buffer and memory, page after page
 * through its page table, until an entry is missing. {@code dmirror_do_read} and {@code
 * dmirror_do_write}, lib/test_hmm.c, Linux 6.1.
 */
public final class CopyEngine {

  private final DevicePageTable pageTable;
  private final PhysicalMemory memory;
  private final long pageSize;

  /**
   * Makes an engine.
   *
   * @param pageTable what it translates with
   * @param memory what it accesses
   * @param pageSize bytes
   */
  public CopyEngine(DevicePageTable pageTable, PhysicalMemory memory, long pageSize) {
    this.pageTable = pageTable;
    this.memory = memory;
    this.pageSize = pageSize;
  }

  /**
   * Copies a page: {@code copy_highpage}.
   *
   * @param memory where both are
   * @param source the page frame to copy from
   * @param target the page frame to copy to
   */
  public static void copyPage(PhysicalMemory memory, long source, long target) {
    for (int i = 0; i < memory.wordsPerPage(); i++) {
      memory.writeWord(target, i, memory.readWord(source, i));
    }
  }

  /**
   * Fills a page with zeros: {@code clear_highpage}.
   *
   * @param memory where it is
   * @param pfn the page frame
   */
  public static void clearPage(PhysicalMemory memory, long pfn) {
    for (int i = 0; i < memory.wordsPerPage(); i++) {
      memory.writeWord(pfn, i, 0);
    }
  }

  /**
   * Reads the first word of each page. Context: may sleep, takes the device's lock.
   *
   * @param address of page 0, page-aligned, in bytes
   * @param values takes the words
   * @param from the first page to read
   * @return the first page that was not read, the length of values if all were
   */
  public int read(long address, int[] values, int from) {
    Mutex lock = pageTable.lock();
    lock.lock();
    try {
      int page = from;
      while (page < values.length) {
        DevicePageTable.Entry entry = pageTable.find(address + page * pageSize);
        if (entry == null) {
          break;
        }
        values[page] = memory.readWord(entry.pfn());
        page++;
      }
      return page;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the first word of each page, where the device may write. Context: may sleep, takes the
   * device's lock.
   *
   * @param address of page 0, page-aligned, in bytes
   * @param values the words
   * @param from the first page to write
   * @return the first page that was not written, the length of values if all were
   */
  public int write(long address, int[] values, int from) {
    Mutex lock = pageTable.lock();
    lock.lock();
    try {
      int page = from;
      while (page < values.length) {
        DevicePageTable.Entry entry = pageTable.find(address + page * pageSize);
        if (entry == null || !entry.writable()) {
          break;
        }
        memory.writeWord(entry.pfn(), values[page]);
        page++;
      }
      return page;
    } finally {
      lock.unlock();
    }
  }
}

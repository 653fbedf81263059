// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.trace.Tracer;

/** Which frames are free: {@code struct zone}, mm/page_alloc.c. There are always more. */
final class FrameTable {

  private static final int FIRST_PFN = 0x100;

  private final SpinLock zoneLock;
  private final int wordsPerPage;
  private final Tracer tracer;

  /** By pfn, from {@link #FIRST_PFN} on; a free frame keeps its last page. Replaced to grow. */
  private volatile Page[] pages = new Page[64];

  @GuardedBy("zoneLock")
  private int usedFrames;

  @GuardedBy("zoneLock")
  private final ArrayDeque<Page> free = new ArrayDeque<>();

  FrameTable(SpinLock zoneLock, int wordsPerPage, Tracer tracer) {
    this.zoneLock = zoneLock;
    this.wordsPerPage = wordsPerPage;
    this.tracer = tracer;
  }

  /** Finds the page in a frame; null if it was never used. */
  Page page(long pfn) {
    Page[] table = pages;
    long index = pfn - FIRST_PFN;
    return index < 0 || index >= table.length ? null : table[(int) index];
  }

  Page take(Allocation record) {
    long flags = zoneLock.lockIrqsave();
    try {
      Page old = free.pollFirst();
      int index = old == null ? usedFrames++ : (int) (old.pfn() - FIRST_PFN);
      Page page = new Page(FIRST_PFN + index, wordsPerPage, record, null, tracer);
      Page[] table = pages;
      if (index == table.length) {
        table = Arrays.copyOf(table, 2 * table.length);
      }
      table[index] = page;
      pages = table;
      return page;
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }

  /** Takes a frame back. */
  void free(Page page) {
    long flags = zoneLock.lockIrqsave();
    try {
      free.addLast(page);
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }
}

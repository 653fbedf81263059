// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.trace.Tracer;

/**
 * Which frames are free: {@code struct zone}, mm/page_alloc.c. There are always more. Frames that
 * were allocated as a block are used again only when all of them are free, as a block.
 */
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
  private final ArrayDeque<Long> free = new ArrayDeque<>();

  /** First frames of free blocks, by their size in frames. */
  @GuardedBy("zoneLock")
  private final Map<Integer, ArrayDeque<Long>> freeBlocks = new HashMap<>();

  /** What is free of blocks that were split, by their record. */
  @GuardedBy("zoneLock")
  private final Map<BlockRecord, Remainder> remainders = new HashMap<>();

  FrameTable(Kernel kernel, int wordsPerPage) {
    this.zoneLock = kernel.spinLock("zone->lock");
    this.tracer = kernel.tracer();
    this.wordsPerPage = wordsPerPage;
  }

  /** A split block. */
  private static final class Remainder {
    final long firstPfn;
    final int frames;
    int free;

    Remainder(long firstPfn, int frames) {
      this.firstPfn = firstPfn;
      this.frames = frames;
    }
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
      Long old = free.pollFirst();
      return put(old == null ? FIRST_PFN + usedFrames++ : old, record);
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }

  /** Takes frames in a row, the first a multiple of their number. */
  CompoundPage takeBlock(int frames, BlockRecord record) {
    long flags = zoneLock.lockIrqsave();
    try {
      Long old = freeBlocks.computeIfAbsent(frames, size -> new ArrayDeque<>()).pollFirst();
      long first = old == null ? newBlock(frames) : old;
      Page[] block = new Page[frames];
      for (int i = 0; i < frames; i++) {
        block[i] = put(first + i, record);
      }
      return new CompoundPage(block, record);
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }

  private long newBlock(int frames) {
    while ((FIRST_PFN + usedFrames) % frames != 0) {
      free.addLast((long) FIRST_PFN + usedFrames++);
    }
    long first = (long) FIRST_PFN + usedFrames;
    usedFrames += frames;
    return first;
  }

  private Page put(long pfn, Allocation record) {
    int index = (int) (pfn - FIRST_PFN);
    Page page = new Page(pfn, wordsPerPage, record, null, tracer);
    Page[] table = pages;
    while (index >= table.length) {
      table = Arrays.copyOf(table, 2 * table.length);
    }
    table[index] = page;
    pages = table;
    return page;
  }

  /** Takes a frame back. */
  void free(Page page) {
    long flags = zoneLock.lockIrqsave();
    try {
      Remainder remainder = page.block() == null ? null : remainders.get(page.block());
      if (remainder == null) {
        free.addLast(page.pfn());
      } else if (++remainder.free == remainder.frames) {
        remainders.remove(page.block());
        freeBlocks.get(remainder.frames).addLast(remainder.firstPfn);
      }
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }

  /** Takes a block back that was not split. */
  void freeBlock(CompoundPage block) {
    long flags = zoneLock.lockIrqsave();
    try {
      freeBlocks.get(block.pages()).addLast(block.head().pfn());
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }

  /** The frames of a block come back one by one from now on. */
  void split(CompoundPage block) {
    long flags = zoneLock.lockIrqsave();
    try {
      remainders.put(block.record(), new Remainder(block.head().pfn(), block.pages()));
    } finally {
      zoneLock.unlockIrqrestore(flags);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/** An address space that does what a card says, and notes what is asked of it. */
final class CardSpace implements AddressSpace {

  static final int PAGE_SHIFT = 12;
  static final long RW = VmFlags.READ | VmFlags.WRITE;

  /** More faults than any card needs: a walk without end fails instead of hanging. */
  private static final int ENDLESS = 200;

  private record Area(long start, long end, long flags) implements Vma {}

  /** What a fault does. */
  interface Handler {
    int fault(Vma vma, long page, int flags);
  }

  final CardTables tables = new CardTables();
  final List<String> faults = new ArrayList<>();
  final AtomicInteger exits = new AtomicInteger();
  final AtomicInteger frees = new AtomicInteger();
  Handler handler = this::map;
  Supplier<Errno> onTakeAllLocks = () -> Errno.OK;
  Runnable onExit = () -> {};
  MmStruct mm;

  private final List<Area> areas = new ArrayList<>();

  /** Adds a VMA over pages; VMAs come in address order. */
  CardSpace vma(long firstPage, long endPage, long flags) {
    areas.add(new Area(firstPage << PAGE_SHIFT, endPage << PAGE_SHIFT, flags));
    return this;
  }

  /** The page frame that {@link #map} puts at a page. */
  static long frame(long page) {
    return 0x10000 + page;
  }

  /** Maps a page of its own, writable if that is asked for and allowed. */
  int map(Vma vma, long page, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0 && (vma.flags() & VmFlags.WRITE) != 0;
    tables.pte(page, Pte.present(frame(page), write ? Pte.WRITE : 0));
    return 0;
  }

  @Override
  public Vma findVma(long address) {
    mm.mmapLock().assertHeld();
    return areas.stream().filter(area -> area.end() > address).findFirst().orElse(null);
  }

  @Override
  public CardTables pageTables() {
    return tables;
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    mm.mmapLock().assertHeld();
    if (vma == null) {
      throw new AssertionError("a fault without a VMA, at 0x" + Long.toHexString(address));
    }
    long page = address >>> PAGE_SHIFT;
    faults.add(page + ((flags & FaultFlags.WRITE) != 0 ? ":w" : ":r"));
    if (faults.size() > ENDLESS) {
      throw new AssertionError("the walk faults without end");
    }
    return handler.fault(vma, page, flags);
  }

  @Override
  public Errno takeAllLocks() {
    return onTakeAllLocks.get();
  }

  @Override
  public void exitMmap() {
    exits.incrementAndGet();
    onExit.run();
  }

  @Override
  public void free() {
    frees.incrementAndGet();
  }
}

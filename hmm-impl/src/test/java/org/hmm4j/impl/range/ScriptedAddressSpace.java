// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/**
 * An address space without a life of its own: VMAs and entries are what a test puts in, and a fault
 * does what the test says.
 */
final class ScriptedAddressSpace implements AddressSpace {

  /** Eight entries in each table: a leaf table maps 8 pages, a pud 64, a pgd entry 512. */
  static final PageTableGeometry SMALL = new PageTableGeometry(12, 15, 18, 21, 24);

  /** More faults than any test needs: a walk that does not end fails instead of hanging. */
  private static final int ENDLESS = 100_000;

  static final long RW = VmFlags.READ | VmFlags.WRITE;

  record Area(long start, long end, long flags) implements Vma {}

  /** One call of the fault handler. */
  record Fault(long page, int flags) {

    @Override
    public String toString() {
      return Long.toHexString(page) + ((flags & FaultFlags.WRITE) != 0 ? "w" : "r") + flags;
    }
  }

  /** What a fault does. */
  interface Handler {
    int fault(Vma vma, long address, int flags);
  }

  final ScriptedPageTables tables;
  final List<Fault> faults = new ArrayList<>();
  final AtomicInteger exits = new AtomicInteger();
  final AtomicInteger frees = new AtomicInteger();

  /** Maps a page of its own and forgets nothing else. */
  Handler handler = this::map;

  /** EINTR plays a pending signal. */
  Errno allLocks = Errno.OK;

  private final List<Area> areas = new ArrayList<>();
  private MmStruct mm;

  ScriptedAddressSpace(PageTableGeometry geometry) {
    tables = new ScriptedPageTables(geometry, this::assertLocked);
  }

  /** From now on the mmap lock has to be held wherever the engine comes in. */
  void bind(MmStruct mm) {
    this.mm = mm;
  }

  /** Adds a VMA over pages; VMAs come in address order. */
  ScriptedAddressSpace vma(long firstPage, long endPage, long flags) {
    int shift = tables.geometry().pageShift();
    areas.add(new Area(firstPage << shift, endPage << shift, flags));
    return this;
  }

  /** Shrinks, moves or takes away VMAs. */
  List<Area> areas() {
    return areas;
  }

  /** The page frame that {@link #map} puts at an address. */
  static long frame(long address) {
    return 0x10000 + (address >>> 12);
  }

  int map(Vma vma, long address, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0;
    tables.putPte(address, Pte.present(frame(address), write ? Pte.WRITE : 0));
    return 0;
  }

  private void assertLocked() {
    if (mm != null) {
      mm.mmapLock().assertHeld();
    }
  }

  Vma peekVma(long address) {
    return areas.stream().filter(area -> area.end() > address).findFirst().orElse(null);
  }

  @Override
  public Errno takeAllLocks() {
    return allLocks;
  }

  @Override
  public Vma findVma(long address) {
    assertLocked();
    return peekVma(address);
  }

  @Override
  public ScriptedPageTables pageTables() {
    return tables;
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    assertLocked();
    if (address < vma.start() || address >= vma.end()) {
      throw new AssertionError("a fault outside of its VMA: " + Long.toHexString(address));
    }
    faults.add(new Fault(address, flags));
    if (faults.size() > ENDLESS) {
      throw new AssertionError("the walk faults without end");
    }
    return handler.fault(vma, address, flags);
  }

  @Override
  public void exitMmap() {
    exits.incrementAndGet();
  }

  @Override
  public void free() {
    frees.incrementAndGet();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.trace.TraceEvent;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.TraceRing;
import org.junit.jupiter.api.Test;

/** Who applies the reported changes of entries has the page tables. */
class EntryTraceTest {

  private static final long SEED = 20261121;
  private static final long TABLE = 1L << 21;
  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int TABLES = 4;

  private final TraceRing ring = TraceRing.ofCapacity(1 << 16);
  private final Kernel kernel = Kernel.boot(KernelOptions.defaults().trace(ring));
  private final Map<Long, Long> told = new TreeMap<>();

  private void apply(Object table) {
    for (TraceEvent event : ring.drain()) {
      if (event.point() == TracePoint.ENTRY_CHANGED) {
        assertSame(table, event.object());
        long before = told.getOrDefault(event.address(), Pte.NONE);
        assertEquals(before, event.from(), event::toString);
        assertEquals(
            Pte.toString(event.from()) + " -> " + Pte.toString(event.to()), event.detail());
        told.put(event.address(), event.to());
      }
    }
  }

  @Test
  void systemCallsTellAllChangesAlsoWhenWholeTablesMove() {
    FakeMm process = FakeMm.create(kernel, PhysicalMemory.create(kernel));
    SplittableRandom random = new SplittableRandom(SEED);
    System.out.println("EntryTraceTest: seed " + SEED);
    for (int i = 0; i < 400; i++) {
      long start = BASE + random.nextInt(TABLES) * TABLE;
      long page = start + random.nextInt(4) * PAGE;
      switch (random.nextInt(6)) {
        case 0 -> process.mmap(start, TABLE, Prot.READ_WRITE, Mapping.anonPrivate());
        case 1 -> process.mremap(start, TABLE, BASE + random.nextInt(TABLES) * TABLE);
        case 2 -> process.mremap(page, PAGE, BASE + random.nextInt(TABLES) * TABLE);
        case 3 -> process.madviseDontneed(page, PAGE);
        case 4 -> process.mprotect(page, PAGE, Prot.READ);
        default -> process.store(page, i);
      }
      apply(process.mm());
    }
    assertTrue(told.size() > TABLES, told.toString());
    assertEquals(0, ring.lost());
    PageTableGeometry geometry = process.pageTables().geometry();
    for (long at = BASE; at < BASE + TABLES * TABLE; at += PAGE) {
      long[] table = process.pageTables().ptes(at);
      long entry = table == null ? Pte.NONE : table[geometry.pteIndex(at)];
      assertEquals(entry, told.getOrDefault(at, Pte.NONE), Long.toHexString(at));
    }
  }

  @Test
  void aDeviceTellsWhatItMapsAndDrops() {
    DevicePageTable table = new DevicePageTable(kernel.mutex("m"), 12, kernel.tracer());
    table.lock().lock();
    table.map(BASE, 7, true);
    table.map(BASE, 7, true);
    table.map(BASE + PAGE, 8, false);
    table.drop(BASE, BASE);
    table.lock().unlock();
    apply(table);
    assertEquals(
        List.of(Pte.NONE, Pte.present(8, 0)), List.of(told.get(BASE), told.get(BASE + PAGE)));
  }

  @Test
  void aPageLockIsReportedAsALock() {
    PhysicalMemory memory = PhysicalMemory.create(kernel);
    Page page = memory.page(memory.zeroPfn());
    ring.drain();
    memory.lockPage(page);
    memory.unlockPage(page);
    assertEquals(
        List.of(TracePoint.LOCK_ACQUIRED, TracePoint.LOCK_RELEASED),
        ring.drain().stream()
            .filter(event -> event.object() == page)
            .map(TraceEvent::point)
            .toList());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.BASE;
import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.Test;

/** A fork that fails at each of its allocations in turn. */
class ForkFailureTest {

  private static final int PAGES = 12;
  private static final long NEVER = Long.MAX_VALUE;

  private final List<String> asked = new ArrayList<>();
  private long failing = NEVER;

  private final Kernel kernel =
      Kernel.boot(KernelOptions.defaults().failAllocation(this::isToFail));
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeFile file = FakeFile.create(memory, 8);
  private final FakeMm parent = FakeMm.create(kernel, memory);

  private boolean isToFail(String type) {
    asked.add(type);
    return asked.size() > failing;
  }

  @Test
  void M111_failsAtEachAllocationWithoutATrace() {
    memory.failAllocation(number -> isToFail("page"));
    PinnedPages pinned = prepare();
    List<Integer> contents = contents();
    Set<String> failed = new TreeSet<>();
    long frames = memory.framesInUse();
    int live = kernel.allocations().live().size();
    long swapped = memory.swap().slotsInUse();
    FakeMm child = forkFailingAt(0);
    int step = 0;
    while (child == null) {
      failed.add(asked.get(step));
      assertEquals(frames, memory.framesInUse());
      assertEquals(live, kernel.allocations().live().size());
      assertEquals(swapped, memory.swap().slotsInUse());
      checkMapCounts();
      child = forkFailingAt(++step);
    }
    assertEquals(
        Set.of("anon_vma", "anon_vma_chain", "mm_struct", "page", "page table", "vm_area_struct"),
        failed);
    assertEquals(contents, contents());
    pinned.unpin();
    file.close();
    child.exit();
    parent.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(0, memory.swap().slotsInUse());
    kernel.shutdown();
  }

  private FakeMm forkFailingAt(int step) {
    asked.clear();
    failing = step;
    FakeMm child = parent.fork();
    failing = NEVER;
    return child;
  }

  /** Several VMAs and tables, and entries of each kind. */
  private PinnedPages prepare() {
    map(0, 4, Mapping.anonPrivate());
    map(4, 2, Mapping.filePrivate(file, 0));
    map(6, 2, Mapping.anonShared());
    map(8, 2, Mapping.anonPrivate());
    map(10, 2, Mapping.filePrivate(file, 4));
    for (int page = 0; page < PAGES; page++) {
      assertEquals(Signal.NONE, parent.store(at(page), 100 + page));
    }
    map(512, 2, Mapping.anonPrivate());
    assertEquals(Signal.NONE, parent.store(at(512), 5));
    parent.reclaim(at(1));
    PinnedPages pinned = PinnedPages.pinForWriting(parent, at(8), 2).value();
    assertNotNull(pinned);
    return pinned;
  }

  private void map(long page, long pages, Mapping mapping) {
    parent.mmap(at(page), size(pages), Prot.READ_WRITE, mapping);
  }

  private List<Integer> contents() {
    List<Integer> contents = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      contents.add(parent.load(at(page)).value());
    }
    return contents;
  }

  private void checkMapCounts() {
    for (long at = BASE; at < at(PAGES); at += 4096) {
      long entry = parent.pte(at);
      if (Pte.isPresent(entry)) {
        assertEquals(1, memory.mapCount(Pte.pfn(entry)));
      }
    }
  }
}

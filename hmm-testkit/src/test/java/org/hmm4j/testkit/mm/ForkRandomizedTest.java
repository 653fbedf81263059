// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls of several processes that fork and exit in any order, against one {@link PageModel}
 * each, beside reclaim and migration of their pages.
 */
class ForkRandomizedTest {

  private static final int PAGES = 20;
  private static final int FILE_PAGES = 16;
  private static final int STEPS = 400;
  private static final int MOST = 5;

  private record Running(FakeMm mm, PageModel model) {}

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel, 1, 16);
  private final FakeFile file = FakeFile.create(memory, FILE_PAGES);
  private final List<Running> processes = new ArrayList<>();
  private Random random;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void M101_M103_M104_agreesWithTheModelOnSmallTables(long seed) {
    run(seed, new PageTableGeometry(12, 14, 16, 18, 40));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14})
  void M101_M103_M104_agreesWithTheModelOnTheTablesOfX86(long seed) {
    run(seed, PageTableGeometry.X86_64);
  }

  private void run(long seed, PageTableGeometry geometry) {
    random = new Random(seed);
    processes.add(
        new Running(FakeMm.create(kernel, memory, geometry), new PageModel(PAGES, FILE_PAGES)));
    for (int i = 1; i <= STEPS; i++) {
      Running running = processes.get(random.nextInt(processes.size()));
      step(running, i, "seed " + seed + ", step " + i);
      checkMapCounts("seed " + seed + ", step " + i);
    }
    for (Running running : processes) {
      for (int page = 0; page < PAGES; page++) {
        assertEquals(running.model.load(page), running.mm.load(at(page)));
      }
    }
    file.close();
    processes.forEach(running -> running.mm.exit());
    assertEquals(0, memory.framesInUse());
    assertEquals(0, memory.swap().slotsInUse());
    kernel.shutdown();
  }

  private void step(Running running, int value, String where) {
    FakeMm mm = running.mm;
    PageModel model = running.model;
    int page = random.nextInt(PAGES);
    int pages = 1 + random.nextInt(Math.min(6, PAGES - page));
    Prot prot = Prot.values()[random.nextInt(Prot.values().length)];
    switch (random.nextInt(20)) {
      case 0, 1 -> mmap(running, page, pages, prot);
      case 2 -> {
        mm.munmap(at(page), size(pages));
        model.munmap(page, pages);
      }
      case 3 ->
          assertEquals(
              model.mprotect(page, pages, prot), mm.mprotect(at(page), size(pages), prot), where);
      case 4 ->
          assertEquals(
              model.dontneed(page, pages), mm.madviseDontneed(at(page), size(pages)), where);
      case 5 -> mremap(running, page, pages, random.nextInt(PAGES - pages + 1), where);
      case 6, 7 -> forkOrExit(running);
      case 8, 9, 10 -> mm.reclaim(at(page));
      case 11 -> mm.migrate(at(page));
      case 12, 13, 14 -> assertEquals(model.load(page), mm.load(at(page)), where);
      default -> assertEquals(model.store(page, value), mm.store(at(page), value), where);
    }
  }

  private void forkOrExit(Running running) {
    if (processes.size() < MOST && (processes.size() == 1 || random.nextBoolean())) {
      FakeMm child = running.mm.fork();
      assertNotNull(child);
      processes.add(new Running(child, running.model.fork()));
    } else {
      running.mm.exit();
      processes.remove(running);
    }
  }

  private void mmap(Running running, int page, int pages, Prot prot) {
    boolean ofFile = random.nextBoolean();
    boolean shared = random.nextBoolean();
    int first = ofFile ? page : 0;
    Mapping mapping = shared ? Mapping.anonShared() : Mapping.anonPrivate();
    if (ofFile) {
      mapping = shared ? Mapping.fileShared(file, first) : Mapping.filePrivate(file, first);
    }
    running.mm.mmap(at(page), size(pages), prot, mapping);
    running.model.mmap(page, pages, prot, ofFile, shared, first);
  }

  private void mremap(Running running, int from, int pages, int to, String where) {
    long start = at(from);
    long end = at(from + pages);
    boolean within =
        running.mm.vmas().stream().anyMatch(vma -> vma.start() <= start && end <= vma.end());
    assertEquals(
        running.model.mremap(from, pages, to, within),
        running.mm.mremap(start, size(pages), at(to)),
        where);
  }

  /** Every frame counts its entries in all processes. */
  private void checkMapCounts(String where) {
    Map<Long, Integer> maps = new HashMap<>();
    for (Running running : processes) {
      for (int page = 0; page < PAGES; page++) {
        long entry = running.mm.pte(at(page));
        if (Pte.isPresent(entry) && (entry & Pte.ZERO) == 0) {
          maps.merge(Pte.pfn(entry), 1, Integer::sum);
        }
      }
      assertEquals(RssTest.counted(running.mm), running.mm.rss(), where);
    }
    maps.forEach((pfn, count) -> assertEquals(count, memory.mapCount(pfn), where));
  }
}

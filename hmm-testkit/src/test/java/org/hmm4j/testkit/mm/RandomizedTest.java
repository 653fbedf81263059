// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls against {@link PageModel}, with the invariants of tables and counts after each. */
class RandomizedTest {

  private static final int PAGES = 48;
  private static final int FILE_PAGES = 40;
  private static final int STEPS = 1000;

  private Process process;
  private FakeFile file;
  private PageModel model;
  private Random random;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithTheModelOnSmallTables(long seed) {
    run(seed, new PageTableGeometry(12, 14, 16, 18, 40));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14})
  void agreesWithTheModelOnTheTablesOfX86(long seed) {
    run(seed, PageTableGeometry.X86_64);
  }

  private void run(long seed, PageTableGeometry geometry) {
    random = new Random(seed);
    process = new Process(geometry);
    file = FakeFile.create(process.memory, FILE_PAGES);
    model = new PageModel(PAGES, FILE_PAGES);
    for (int i = 0; i < STEPS; i++) {
      String step = step(i + 1);
      checkLayout(step);
      checkEntries(step);
      checkCalls(step);
    }
    for (int page = 0; page < PAGES; page++) {
      assertEquals(model.load(page), process.mm.load(at(page)));
    }
    file.close();
    process.exit();
  }

  private String step(int value) {
    int page = random.nextInt(PAGES);
    int pages = 1 + random.nextInt(Math.min(12, PAGES - page));
    Prot prot = Prot.values()[random.nextInt(Prot.values().length)];
    String where = value + ": page " + page + ", " + pages + " pages";
    switch (random.nextInt(12)) {
      case 0, 1 -> mmap(page, pages, prot);
      case 2 -> {
        process.munmap(page, pages);
        model.munmap(page, pages);
      }
      case 3 -> {
        assertEquals(model.mprotect(page, pages, prot), process.mprotect(page, pages, prot), where);
      }
      case 4 -> {
        assertEquals(model.dontneed(page, pages), process.dontneed(page, pages), where);
      }
      case 5 -> mremap(page, pages, random.nextInt(PAGES - pages + 1), where);
      case 6, 7, 8 -> {
        assertEquals(model.load(page), process.mm.load(at(page)), where);
      }
      default -> {
        assertEquals(model.store(page, value), process.store(page, value), where);
      }
    }
    return where;
  }

  private void mmap(int page, int pages, Prot prot) {
    boolean ofFile = random.nextBoolean();
    boolean shared = random.nextBoolean();
    int first = ofFile ? page : 0;
    Mapping mapping = shared ? Mapping.anonShared() : Mapping.anonPrivate();
    if (ofFile) {
      mapping = shared ? Mapping.fileShared(file, first) : Mapping.filePrivate(file, first);
    }
    process.mmap(page, pages, prot, mapping);
    model.mmap(page, pages, prot, ofFile, shared, first);
  }

  private void mremap(int from, int pages, int to, String where) {
    long start = at(from);
    long end = at(from + pages);
    boolean within =
        process.mm.vmas().stream().anyMatch(vma -> vma.start() <= start && end <= vma.end());
    assertEquals(
        model.mremap(from, pages, to, within),
        process.mremap(from, pages, to),
        where + " to " + to);
  }

  private void checkLayout(String step) {
    Prot[] prots = new Prot[PAGES];
    FakeVma previous = null;
    for (FakeVma vma : process.mm.vmas()) {
      assertTrue(vma.start() < vma.end(), step);
      assertTrue(previous == null || previous.end() <= vma.start(), step);
      previous = vma;
      for (long at = vma.start(); at < vma.end(); at += 4096) {
        prots[(int) ((at - Process.BASE) >> 12)] =
            vma.isWritable() ? Prot.READ_WRITE : vma.isAccessible() ? Prot.READ : Prot.NONE;
      }
    }
    for (int page = 0; page < PAGES; page++) {
      PageModel.Cell cell = model.cells[page];
      assertEquals(cell == null ? null : cell.prot, prots[page], step + ", at " + page);
    }
  }

  /** Every entry is allowed by its VMA, every frame counts its entries and the page cache. */
  private void checkEntries(String step) {
    Map<Long, Integer> maps = new HashMap<>();
    for (int page = 0; page < PAGES; page++) {
      long entry = process.pte(page);
      FakeVma vma = (FakeVma) process.mm.findVma(at(page));
      boolean mapped = vma != null && vma.start() <= at(page);
      assertTrue(mapped || entry == Pte.NONE, step + ", at " + page);
      if (entry == Pte.NONE) {
        continue;
      }
      assertTrue(process.hasLeaf(page), step);
      assertTrue(vma.isWritable() || !Pte.isWritable(entry), step + ", at " + page);
      assertEquals(vma.isAccessible(), (entry & Pte.PROTNONE) == 0, step + ", at " + page);
      if ((entry & Pte.ZERO) == 0) {
        maps.merge(Pte.pfn(entry), 1, Integer::sum);
      }
    }
    maps.forEach((pfn, count) -> assertEquals(count, process.memory.mapCount(pfn), step));
    assertEquals(RssTest.counted(process.mm), process.mm.rss(), step);
    checkLeaves(step);
  }

  private void checkLeaves(String step) {
    PageTableGeometry geometry = process.mm.pageTables().geometry();
    long span = 1L << geometry.pmdShift();
    for (int page = 0; page < PAGES; page++) {
      if (process.hasLeaf(page)) {
        long start = at(page) & -span;
        assertTrue(
            process.mm.vmas().stream()
                .anyMatch(vma -> vma.start() < start + span && start < vma.end()),
            step + ": a leaf at " + page + " that nobody needs");
      }
    }
  }

  private void checkCalls(String step) {
    List<String> calls = process.takeCalls();
    for (int i = 0; i < calls.size(); i += 2) {
      assertEquals(calls.get(i).replace("start", "end"), calls.get(i + 1), step);
    }
    assertEquals(0, calls.size() % 2, step);
  }
}

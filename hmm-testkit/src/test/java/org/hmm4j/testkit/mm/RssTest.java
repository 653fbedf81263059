// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Warning;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After each test the counters must be zero, or the exit warns. */
class RssTest {

  private static final int HUGE = 512;

  private final Process process = new Process();

  @AfterEach
  void nothingIsLeft() {
    process.exit();
  }

  /** Counts over the page tables, which must be quiet. */
  static Rss counted(FakeMm mm) {
    long file = 0;
    long anon = 0;
    long swap = 0;
    long shmem = 0;
    for (FakeVma vma : mm.vmas()) {
      for (long at = vma.start(); at < vma.end(); at += 4096) {
        long entry = mm.pte(at);
        long kind = Pte.isPresent(entry) ? Pte.PRESENT : Pte.kind(entry);
        if (entry == Pte.NONE || kind == Pte.HWPOISON || vma.hugetlb() != null) {
          continue;
        } else if (kind == Pte.SWAP) {
          swap++;
          continue;
        }
        Page page =
            kind == Pte.PRESENT ? mm.context().normalPage(entry) : mm.memory().page(Pte.pfn(entry));
        if (page == null) {
          continue;
        } else if (page.isAnonymous()) {
          anon++;
        } else if (page.mapping() instanceof FakeFile) {
          shmem++;
        } else {
          file++;
        }
      }
    }
    return new Rss(file, anon, swap, shmem);
  }

  private void assertCounts(long file, long anon, long swap, long shmem) {
    assertCounts(process.mm, file, anon, swap, shmem);
  }

  private static void assertCounts(FakeMm mm, long file, long anon, long swap, long shmem) {
    assertEquals(new Rss(file, anon, swap, shmem), mm.rss());
    assertEquals(counted(mm), mm.rss());
  }

  @Test
  void M127_pagesCountByTheirKind() {
    process.mmap(0, 4);
    FakeFile file = FakeFile.create(process.memory, 4);
    process.mmap(4, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.mmap(6, 2, Prot.READ_WRITE, Mapping.anonShared());
    DeviceMemory driver = DeviceMemory.create(process.memory, 2);
    assertEquals(Errno.OK, driver.backWithPage(0));
    process.mmap(8, 2, Prot.READ_WRITE, Mapping.mixedMap(driver, 0));
    assertCounts(0, 0, 0, 0);

    process.load(0);
    assertCounts(0, 0, 0, 0);
    process.store(0, 1);
    process.store(1, 1);
    assertCounts(0, 2, 0, 0);
    process.load(4);
    process.store(6, 1);
    assertCounts(0, 2, 0, 2);
    process.store(4, 1);
    assertCounts(0, 3, 0, 1);
    process.load(8);
    process.load(9);
    assertCounts(1, 3, 0, 1);
    process.dontneed(0, 10);
    assertCounts(0, 0, 0, 0);
    file.close();
    driver.close();
  }

  @Test
  void M127_swappedPagesCountAsSwapped() {
    process.mmap(0, 2);
    process.store(0, 1);
    process.store(1, 1);
    assertTrue(process.mm.reclaim(at(0)));
    assertCounts(0, 1, 1, 0);
    FakeMm child = process.mm.fork();
    assertCounts(child, 0, 1, 1, 0);
    process.load(0);
    assertCounts(0, 2, 0, 0);
    assertCounts(child, 0, 1, 1, 0);
    child.exit();
  }

  @Test
  void M127_pagesUnderMigrationCountAsBefore() {
    process.mmap(0, 2);
    process.store(0, 1);
    process.store(1, 1);
    PageMigration first = process.mm.beginMigration(at(0));
    PageMigration second = process.mm.beginMigration(at(1));
    assertCounts(0, 2, 0, 0);
    FakeMm child = process.mm.fork();
    assertCounts(child, 0, 2, 0, 0);
    process.munmap(1, 1);
    assertCounts(0, 1, 0, 0);
    assertTrue(first.finish());
    second.putBack();
    assertCounts(0, 1, 0, 0);
    assertCounts(child, 0, 2, 0, 0);
    child.exit();
  }

  @Test
  void M127_badPagesDoNotCount() {
    process.mmap(0, 1);
    process.store(0, 1);
    assertTrue(process.mm.memoryFailure(at(0)));
    assertCounts(0, 0, 0, 0);
  }

  @ParameterizedTest
  @EnumSource(MemoryType.class)
  void M127_pagesOfDevicesCountAsWhatTheyReplaced(MemoryType type) {
    TestMemory device = new TestMemory(process, type);
    process.mmap(0, 4);
    process.store(0, 1);
    process.load(1);
    device.migrateHere(0, 3);
    assertCounts(0, 3, 0, 0);
    FakeMm child = process.mm.fork();
    assertCounts(child, 0, 3, 0, 0);
    process.store(0, 2);
    process.munmap(1, 1);
    assertCounts(0, 2, 0, 0);
    child.exit();
    process.munmap(0, 4);
    assertCounts(0, 0, 0, 0);
    Devmem.of(process.kernel).memunmapPages(device.pagemap);
  }

  @Test
  void M127_hugePagesCountAsSmallOnes() {
    process.mmap(0, HUGE);
    assertEquals(Errno.OK, process.mm.madviseHugepage(at(0), size(HUGE)));
    process.load(0);
    assertCounts(0, 0, 0, 0);
    process.dontneed(0, HUGE);
    process.store(0, 1);
    assertCounts(0, HUGE, 0, 0);
    FakeMm child = process.mm.fork();
    assertCounts(child, 0, HUGE, 0, 0);
    process.munmap(0, 2);
    assertCounts(0, HUGE - 2, 0, 0);
    child.exit();
  }

  @Test
  void M127_pagesOfHugetlbDoNotCount() {
    process.memory.huge().hugetlb().resize(2);
    assertEquals(Errno.OK, process.mmap(0, HUGE, Prot.READ_WRITE, Mapping.hugetlbPrivate()));
    process.store(0, 1);
    assertCounts(0, 0, 0, 0);
  }

  @Test
  void M127_counterThatIsLeftIsAWarning() {
    Kernel kernel = Kernel.boot();
    FakeMm mm = FakeMm.create(kernel, PhysicalMemory.create(kernel));
    mm.context().rss().set(Pte.nonPresent(Pte.SWAP, 0));
    mm.exit();
    assertEquals(
        List.of("Bad rss-counter state, type MM_SWAPENTS, value 1"),
        kernel.warnings().stream().map(Warning::message).toList());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Private hugetlb mappings as mm/hugetlb.c of Linux 6.1 has them. */
class HugetlbTest {

  private static final int HUGE = 512;
  private static final int POOL = 4;

  private final Process process = new Process();
  private final HugetlbPool pool = process.memory.huge().hugetlb();

  @BeforeEach
  void fillThePool() {
    assertEquals(POOL, pool.resize(POOL));
  }

  @AfterEach
  void nothingIsLeft() {
    process.exit();
    assertPool(POOL, 0);
  }

  private void assertPool(int free, int reserved) {
    assertEquals(free, pool.freePages());
    assertEquals(reserved, pool.reservedPages());
  }

  private Errno map(long page, long pages) {
    return process.mmap(page, pages, Prot.READ_WRITE, Mapping.hugetlbPrivate());
  }

  private boolean isWritable(long page) {
    return Pte.isWritable(process.pte(page));
  }

  @Test
  void M122_mappingReservesItsPages() {
    assertEquals(Errno.OK, map(0, 3 * HUGE));
    assertPool(POOL, 3);
    assertEquals(Errno.ENOMEM, map(4 * HUGE, 2 * HUGE));
    assertPool(POOL, 3);
    assertEquals(Errno.OK, process.munmap(HUGE, HUGE));
    assertPool(POOL, 2);
    assertEquals(Errno.OK, map(4 * HUGE, 2 * HUGE));
    process.store(0, 1);
    assertPool(POOL - 1, 3);
    assertEquals(HUGE, process.memory.framesInUse());
    process.munmap(0, HUGE);
    assertPool(POOL, 3);
  }

  @Test
  void M122_failedMmapHasUnmappedWhatWasThere() {
    process.mmap(0, HUGE);
    process.store(0, 1);
    assertEquals(Errno.ENOMEM, map(0, (POOL + 1) * HUGE));
    assertEquals(List.of(), process.mm.vmas());
    assertPool(POOL, 0);
  }

  @Test
  void M122_reservedPagesStayInThePool() {
    map(0, 2 * HUGE);
    process.store(0, 1);
    assertEquals(2, pool.resize(0));
    assertPool(1, 1);
    process.store(HUGE, 1);
    assertEquals(POOL, pool.resize(POOL));
    assertThrows(IllegalArgumentException.class, () -> pool.resize(-1));
  }

  @Test
  void M123_rightToAPageIsUsedOnce() {
    map(0, HUGE);
    process.store(0, 1);
    process.dontneed(0, HUGE);
    assertPool(POOL, 0);
    map(HUGE, POOL * HUGE);
    assertEquals(Signal.SIGBUS, process.store(0, 1));
    process.munmap(HUGE, HUGE);
    assertEquals(Signal.NONE, process.store(0, 2));
  }

  @Test
  void M123_withoutReserveAFaultMayFail() {
    Errno errno = process.mmap(0, 8 * HUGE, Prot.READ_WRITE, Mapping.hugetlbPrivate().noReserve());
    assertEquals(Errno.OK, errno);
    assertPool(POOL, 0);
    for (int i = 0; i < POOL; i++) {
      assertEquals(Signal.NONE, process.store(i * HUGE, i));
    }
    assertEquals(Signal.SIGBUS, process.store(POOL * HUGE, 1));
  }

  @Test
  void M124_onlyWholeHugePages() {
    assertEquals(Errno.EINVAL, map(1, HUGE));
    assertEquals(Errno.OK, map(0, HUGE + 1));
    assertEquals(List.of("0-1024 rwp@0"), layout());
    assertEquals(Errno.EINVAL, process.munmap(1, HUGE - 1));
    assertEquals(Errno.EINVAL, process.munmap(0, 1));
    assertEquals(Errno.EINVAL, process.mprotect(0, 1, Prot.READ));
    assertEquals(Errno.EINVAL, process.mremap(1, HUGE, 4 * HUGE));
    assertEquals(Errno.EINVAL, process.mremap(0, HUGE, 4 * HUGE + 1));
    assertEquals(Errno.EINVAL, process.dontneed(1, HUGE - 1));
    process.store(0, 7);
    assertEquals(Errno.OK, process.dontneed(0, HUGE - 1));
    assertEquals(7, process.load(0));
    assertEquals(List.of("0-1024 rwp@0"), layout());
  }

  @Test
  void M124_adviceThatCutsAHugePageChangesNothing() {
    map(0, 2 * HUGE);
    List<FakeVma> before = process.mm.vmas();
    assertEquals(Errno.EINVAL, process.mm.madviseHugepage(Process.at(1), Process.size(HUGE - 1)));
    assertEquals(Errno.EINVAL, process.mm.madviseHugepage(Process.at(0), Process.size(1)));
    assertEquals(Errno.EINVAL, process.mm.madviseNohugepage(Process.at(0), Process.size(1)));
    assertEquals(before, process.mm.vmas());
    assertEquals(List.of("0-1024 rwp@0"), layout());

    assertEquals(Errno.OK, process.mm.madviseHugepage(Process.at(HUGE), Process.size(HUGE)));
    assertEquals(List.of("0-512 rwp@0", "512-1024 rwp@512"), layout());
    assertEquals(Errno.OK, process.mm.madviseHugepage(Process.at(HUGE + 1), Process.size(1)));
    assertEquals(List.of("0-512 rwp@0", "512-1024 rwp@512"), layout());
  }

  @Test
  void M124_mmapOverAPartIsEnomemAndMunmapAndMremapEinval() {
    map(0, HUGE);
    process.store(0, 7);
    process.mmap(HUGE, 1);
    Mapping other = Mapping.anonPrivate();
    assertEquals(Errno.ENOMEM, process.mmap(0, 1, Prot.READ, other));
    assertEquals(Errno.ENOMEM, process.mmap(HUGE - 1, 2, Prot.READ, other));
    assertEquals(Errno.EINVAL, process.munmap(HUGE - 1, 2));
    assertEquals(Errno.EINVAL, process.mremap(HUGE, 1, HUGE - 1));
    assertEquals(List.of("0-512 rwp@0", "512-513 rwp@512"), layout());
    assertEquals(7, process.load(0));
    assertEquals(Errno.OK, process.mmap(0, HUGE, Prot.READ, other));
    assertPool(POOL, 0);
  }

  /** Offsets of hugetlb count from the mapping. */
  private List<String> layout() {
    return process.layout();
  }

  @Test
  void M125_readMapsAPageReadOnlyAndAWriteMakesItWritable() {
    map(0, HUGE);
    assertEquals(0, process.load(3));
    assertFalse(isWritable(3));
    assertPool(POOL - 1, 0);
    process.store(3, 1);
    assertTrue(isWritable(3));
    assertPool(POOL - 1, 0);
    process.takeCalls();
    process.mprotect(0, HUGE, Prot.READ);
    assertEquals(
        List.of("start PROTECTION_VMA 0-512", "end PROTECTION_VMA 0-512"), process.takeCalls());
    process.mprotect(0, HUGE, Prot.READ_WRITE);
    assertFalse(isWritable(3));
    process.store(4, 1);
    assertEquals(1, process.load(3));
  }

  @Test
  void M125_unmappingTellsTheNotifiersTwice() {
    map(0, HUGE);
    process.store(0, 1);
    process.takeCalls();
    process.munmap(0, HUGE);
    assertEquals(
        List.of("start UNMAP 0-512", "start UNMAP 0-512", "end UNMAP 0-512", "end UNMAP 0-512"),
        process.takeCalls());
  }

  @Test
  void M125_moveTakesPagesAndRightsAlong() {
    map(0, 2 * HUGE);
    process.store(0, 5);
    process.takeCalls();
    assertEquals(Errno.OK, process.mremap(0, 2 * HUGE, 4 * HUGE));
    assertEquals(List.of("start CLEAR 0-1024", "end CLEAR 0-1024"), calls(2));
    assertEquals(5, process.load(4 * HUGE));
    assertPool(POOL - 1, 1);
    process.store(5 * HUGE, 6);
    assertPool(POOL - 2, 0);
  }

  private List<String> calls(int count) {
    return process.takeCalls().subList(0, count);
  }

  @Test
  void M126_writeAfterForkCopiesFromWhatIsFree() {
    map(0, HUGE);
    process.store(0, 1);
    FakeMm child = process.mm.fork();
    assertEquals(Signal.NONE, child.store(Process.at(0), 2));
    assertPool(POOL - 2, 0);
    assertEquals(1, process.load(0));
    assertEquals(2, child.load(Process.at(0)).value());
    child.exit();
    process.store(0, 3);
    assertPool(POOL - 1, 0);
  }

  @Test
  void M126_childFindsNoPageForItsCopy() {
    map(0, POOL * HUGE);
    process.store(0, 1);
    FakeMm child = process.mm.fork();
    assertEquals(Signal.SIGBUS, child.store(Process.at(0), 2));
    assertEquals(Signal.SIGBUS, child.load(Process.at(HUGE)).signal());
    assertEquals(1, child.load(Process.at(0)).value());
    child.exit();
  }

  @Test
  void M126_ownerTakesItsPageFromTheChild() {
    map(0, POOL * HUGE);
    process.store(0, 1);
    FakeMm child = process.mm.fork();
    assertEquals(Signal.NONE, process.store(0, 2));
    assertEquals(2, process.load(0));
    assertEquals(Signal.SIGBUS, child.load(Process.at(0)).signal());
    child.exit();
  }

  @Test
  void M126_pinnedPageIsCopiedAtFork() {
    map(0, HUGE);
    process.store(0, 1);
    PinnedPages pinned = PinnedPages.pinForWriting(process.mm, Process.at(3), 1).value();
    FakeMm child = process.mm.fork();
    assertPool(POOL - 2, 0);
    process.store(0, 2);
    assertEquals(1, child.load(Process.at(0)).value());
    child.exit();
    pinned.unpin();
  }

  @Test
  void M126_pageOfHugetlbIsNotReclaimedOrMoved() {
    map(0, HUGE);
    process.store(0, 1);
    assertFalse(process.mm.reclaim(Process.at(0)));
    assertFalse(process.mm.migrate(Process.at(0)));
    assertFalse(process.mm.memoryFailure(Process.at(0)));
    assertTrue(process.mm.oomReap());
    assertEquals(1, process.load(0));
  }
}

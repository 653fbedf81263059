// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transparent huge pages as mm/huge_memory.c of Linux 6.1 has them. */
class HugePagesTest {

  /** Pages of one huge page. */
  private static final int HUGE = 512;

  private final Process process = new Process();
  private final PhysicalMemory memory = process.memory;

  @AfterEach
  void nothingIsLeft() {
    process.exit();
    assertEquals(0, memory.swap().slotsInUse());
  }

  /** Maps huge pages, and reads or writes the first page of each. */
  private void advise(int page, int pages) {
    process.mmap(page, pages);
    assertEquals(Errno.OK, process.mm.madviseHugepage(Process.at(page), Process.size(pages)));
  }

  private void writeHuge(int page, int value) {
    assertEquals(Signal.NONE, process.store(page, value));
    assertTrue(isHuge(page), "page " + page);
    process.takeCalls();
  }

  private boolean isHuge(long page) {
    return (process.pte(page) & Pte.HUGE) != 0;
  }

  private boolean isWritable(long page) {
    return Pte.isWritable(process.pte(page));
  }

  private static List<String> bracket(String range) {
    return List.of("start " + range, "end " + range);
  }

  private List<String> calls() {
    return process.takeCalls();
  }

  @Test
  void M112_firstWriteMapsAWholeHugePage() {
    advise(0, 2 * HUGE);
    process.store(HUGE + 7, 1);
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(HUGE, memory.framesInUse());
    assertTrue(isHuge(HUGE) && isWritable(2 * HUGE - 1));
    assertEquals(0, Pte.pfn(process.pte(HUGE)) % HUGE);
    assertEquals(process.pte(HUGE) + 7, process.pte(HUGE + 7));
    assertEquals(1, process.load(HUGE + 7));
    assertEquals(0, process.load(HUGE + 8));
    assertEquals(List.of(), calls());
  }

  @Test
  void M112_readMapsTheHugeZeroPageOnce() {
    advise(0, 2 * HUGE);
    assertEquals(0, process.load(3));
    assertEquals(0, process.load(HUGE + 3));
    assertTrue(isHuge(0));
    assertFalse(isWritable(0));
    assertEquals(process.pte(0), process.pte(HUGE));
    assertEquals(0, memory.framesInUse());
    assertTrue(process.mm.vmas().get(0).hasAnonVma());
  }

  @ParameterizedTest
  @EnumSource
  void M113_whoGetsHugePages(TransparentHugePages policy) {
    memory.huge().transparent(policy);
    process.mmap(0, HUGE);
    process.store(0, 1);
    assertEquals(policy == TransparentHugePages.ALWAYS, isHuge(0));
    advise(2 * HUGE, HUGE);
    process.store(2 * HUGE, 1);
    assertEquals(policy != TransparentHugePages.NEVER, isHuge(2 * HUGE));
    process.mmap(4 * HUGE, HUGE);
    process.mm.madviseNohugepage(Process.at(4 * HUGE), Process.size(HUGE));
    process.store(4 * HUGE, 1);
    assertFalse(isHuge(4 * HUGE));
    process.mm.disableHugePages();
    advise(6 * HUGE, HUGE);
    process.store(6 * HUGE, 1);
    assertFalse(isHuge(6 * HUGE));
  }

  @Test
  void M113_hugePageHasToLieWithinOneVma() {
    advise(1, 2 * HUGE);
    process.store(1, 1);
    process.store(2 * HUGE, 1);
    process.store(HUGE, 1);
    assertFalse(isHuge(1));
    assertFalse(isHuge(2 * HUGE));
    assertTrue(isHuge(HUGE));
  }

  @Test
  void M113_filesAndSharedMemoryHaveNone() {
    memory.huge().transparent(TransparentHugePages.ALWAYS);
    process.mmap(0, HUGE, Prot.READ_WRITE, Mapping.anonShared());
    process.store(0, 1);
    assertFalse(isHuge(0));
  }

  @Test
  void M114_withoutMemoryForAHugePageASmallOneIsMapped() {
    advise(0, 2 * HUGE);
    memory.failAllocation(number -> number == 0);
    process.store(0, 1);
    assertFalse(isHuge(0));
    assertEquals(1, memory.framesInUse());
    memory.failAllocation(number -> number == 2);
    assertEquals(0, process.load(HUGE));
    assertFalse(isHuge(HUGE));
    memory.failAllocation(number -> number >= 3);
    assertEquals(Signal.SIGKILL, process.store(HUGE + 1, 1));
    memory.failAllocation(number -> false);
  }

  @Test
  void M115_writeToTheHugeZeroPageSplitsItsPmd() {
    advise(0, HUGE);
    process.load(0);
    process.store(5, 9);
    assertEquals(
        List.of("start CLEAR 0-512", "end CLEAR 0-512", "start CLEAR 5-6", "end CLEAR 5-6"),
        calls());
    assertEquals(1, memory.framesInUse());
    assertEquals(Pte.ZERO, process.pte(4) & (Pte.ZERO | Pte.HUGE | Pte.WRITE));
    assertTrue(isWritable(5));
  }

  @Test
  void M115_ownHugePageBecomesWritableInPlace() {
    advise(0, HUGE);
    writeHuge(0, 1);
    process.mprotect(0, HUGE, Prot.READ);
    process.mprotect(0, HUGE, Prot.READ_WRITE);
    assertTrue(isHuge(0));
    assertFalse(isWritable(0));
    calls();
    process.store(1, 2);
    assertTrue(isHuge(1) && isWritable(1));
    assertEquals(List.of(), calls());
  }

  @Test
  void M115_hugePageThatAChildHasIsSplitAndCopiedPageByPage() {
    advise(0, HUGE);
    writeHuge(0, 1);
    FakeMm child = process.mm.fork();
    assertEquals(List.of("start PROTECTION_PAGE 0-512", "end PROTECTION_PAGE 0-512"), calls());
    assertFalse(isWritable(0));
    process.store(3, 7);
    assertEquals(
        List.of("start CLEAR 0-512", "end CLEAR 0-512", "start CLEAR 3-4", "end CLEAR 3-4"),
        calls());
    assertEquals(HUGE + 1, memory.framesInUse());
    assertEquals(0, child.load(Process.at(3)).value());
    assertEquals(1, child.load(Process.at(0)).value());
    child.exit();
    assertEquals(HUGE + 1, memory.framesInUse());
    process.store(4, 8);
    assertEquals(HUGE + 2, memory.framesInUse());
  }

  @Test
  void M115_lastSharerKeepsTheHugePage() {
    advise(0, HUGE);
    writeHuge(0, 1);
    process.mm.fork().exit();
    calls();
    process.store(3, 7);
    assertTrue(isHuge(3) && isWritable(3));
    assertEquals(List.of(), calls());
  }

  @Test
  void M116_borderOfAVmaSplitsThePmdUnderIt() {
    advise(0, 2 * HUGE);
    writeHuge(0, 1);
    process.munmap(10, 20);
    assertEquals(
        List.of("start CLEAR 0-512", "end CLEAR 0-512", "start UNMAP 10-30", "end UNMAP 10-30"),
        calls());
    assertFalse(isHuge(0));
    assertEquals(1, process.load(0));
    assertTrue(isWritable(0));
    assertEquals(HUGE, memory.framesInUse());
    process.munmap(0, 10);
    process.munmap(30, HUGE - 30);
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void M116_mprotectOfAPartSplits() {
    advise(0, HUGE);
    writeHuge(0, 1);
    process.mprotect(100, 4, Prot.READ);
    assertEquals(
        List.of(
            "start CLEAR 0-512",
            "end CLEAR 0-512",
            "start PROTECTION_VMA 100-104",
            "end PROTECTION_VMA 100-104"),
        calls());
    assertFalse(isHuge(0));
    assertTrue(isWritable(0));
    assertFalse(isWritable(100));
    process.mprotect(100, 4, Prot.READ_WRITE);
    assertFalse(isWritable(100), "what was written is known to the page, not to the entry");
  }

  @Test
  void M116_dontneedOfAPartSplits() {
    advise(0, HUGE);
    writeHuge(0, 1);
    process.dontneed(0, 4);
    assertEquals(
        List.of("start CLEAR 0-4", "start CLEAR 0-512", "end CLEAR 0-512", "end CLEAR 0-4"),
        calls());
    assertEquals(Pte.NONE, process.pte(3));
    assertEquals(HUGE, memory.framesInUse());
    process.dontneed(0, HUGE);
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void M116_wholeHugePagesGoAsTheyAre() {
    advise(0, 3 * HUGE);
    writeHuge(0, 1);
    writeHuge(HUGE, 2);
    process.load(2 * HUGE);
    process.dontneed(0, HUGE);
    assertEquals(bracket("CLEAR 0-512"), calls());
    assertEquals(HUGE, memory.framesInUse());
    process.mprotect(HUGE, 2 * HUGE, Prot.NONE);
    assertEquals(bracket("PROTECTION_VMA 512-1536"), calls());
    assertTrue((process.pte(HUGE) & Pte.PROTNONE) != 0 && isHuge(HUGE));
    assertEquals(Signal.SIGSEGV, process.mm.load(Process.at(HUGE)).signal());
    process.munmap(HUGE, 2 * HUGE);
    assertEquals(bracket("UNMAP 512-1536"), calls());
    assertEquals(0, memory.framesInUse());
  }

  @Test
  void M117_alignedMoveKeepsTheHugePage() {
    advise(0, HUGE);
    writeHuge(3, 1);
    assertEquals(Errno.OK, process.mremap(0, HUGE, 4 * HUGE));
    assertEquals(
        List.of("start UNMAP 0-512", "end UNMAP 0-512", "start UNMAP 0-512", "end UNMAP 0-512"),
        calls());
    assertTrue(isHuge(4 * HUGE));
    assertEquals(1, process.load(4 * HUGE + 3));
    assertTrue(process.mm.migrate(Process.at(4 * HUGE)));
    assertTrue(isHuge(4 * HUGE));
  }

  @Test
  void M117_otherMovesSplit() {
    advise(0, HUGE);
    writeHuge(3, 1);
    assertEquals(Errno.OK, process.mremap(0, HUGE, 4 * HUGE + 8));
    assertEquals(
        List.of("start UNMAP 0-512", "start CLEAR 0-512", "end CLEAR 0-512", "end UNMAP 0-512"),
        calls().subList(0, 4));
    assertFalse(isHuge(4 * HUGE + 8));
    assertEquals(1, process.load(4 * HUGE + 11));
    assertTrue(process.mm.migrate(Process.at(4 * HUGE + 11)), "found across two tables");
    assertEquals(1, process.load(4 * HUGE + 11));
    assertEquals(HUGE, memory.framesInUse());
  }
}

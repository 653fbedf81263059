// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ForkTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 8);
  private final List<FakeMm> children = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    children.forEach(FakeMm::exit);
    file.close();
    process.exit();
    assertEquals(0, process.memory.swap().slotsInUse());
    process.kernel.shutdown();
  }

  private FakeMm fork() {
    return fork(process.mm);
  }

  private FakeMm fork(FakeMm parent) {
    FakeMm child = parent.fork();
    assertNotNull(child);
    children.add(child);
    return child;
  }

  private void exit(FakeMm child) {
    assertTrue(children.remove(child));
    child.exit();
  }

  private void written(long page, int value) {
    process.mmap(page, 1);
    process.store(page, value);
    process.takeCalls();
  }

  private long pfn(FakeMm mm, long page) {
    return Pte.pfn(mm.pte(at(page)));
  }

  private String entry(FakeMm mm, long page) {
    return Pte.toString(mm.pte(at(page)) & ~Pte.PFN_MASK);
  }

  private static int load(FakeMm mm, long page) {
    CpuLoad load = mm.load(at(page));
    assertEquals(Signal.NONE, load.signal());
    return load.value();
  }

  private static void store(FakeMm mm, long page, int value) {
    assertEquals(Signal.NONE, mm.store(at(page), value));
  }

  @Test
  void M101_privatePagesAreSharedReadOnly() {
    written(0, 7);
    FakeMm child = fork();
    assertEquals("pfn 0x0 r dirty", entry(process.mm, 0));
    assertEquals(process.pte(0), child.pte(at(0)));
    assertEquals(2, process.memory.mapCount(pfn(child, 0)));
    assertEquals(2, process.memory.refCount(pfn(child, 0)));
    assertEquals(7, load(child, 0));
    assertEquals(1, process.memory.framesInUse());
  }

  @Test
  void M101_layoutIsCopied() {
    process.mmap(0, 4);
    process.mmap(6, 2, Prot.READ, Mapping.filePrivate(file, 1));
    process.mmap(9, 1, Prot.NONE, Mapping.anonShared());
    FakeMm child = fork();
    assertEquals(
        process.mm.vmas().stream().map(FakeVma::toString).toList(),
        child.vmas().stream().map(FakeVma::toString).toList());
    assertEquals(Errno.OK, child.munmap(at(0), size(1)));
    assertEquals(3, process.mm.vmas().size());
    assertEquals(0, process.load(0));
  }

  @Test
  void M102_privateVmasWithPagesAreAnnounced() {
    process.mmap(0, 4);
    process.store(1, 1);
    process.mmap(10, 2);
    process.mmap(20, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.store(21, 1);
    process.mmap(30, 2, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.store(30, 1);
    process.takeCalls();
    fork();
    assertEquals(
        List.of(
            "start PROTECTION_PAGE 0-4",
            "end PROTECTION_PAGE 0-4",
            "start PROTECTION_PAGE 20-22",
            "end PROTECTION_PAGE 20-22"),
        process.takeCalls());
  }

  @Test
  void M102_announcedUnderBothMmapLocks() {
    written(0, 7);
    List<Boolean> held = new ArrayList<>();
    process.onStart = () -> held.add(process.mm.mm().mmapLock().isHeldWrite());
    fork();
    process.onStart = () -> {};
    assertEquals(List.of(true), held);
  }

  @Test
  void M103_whoWritesFirstGetsACopy() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    FakeMm child = fork();
    process.takeCalls();
    process.store(0, 8);
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertNotEquals(pfn, pfn(process.mm, 0));
    assertEquals(pfn, pfn(child, 0));
    assertEquals(7, load(child, 0));
    assertEquals(8, process.load(0));
  }

  @Test
  void M103_theChildWritesToACopy() {
    written(0, 7);
    FakeMm child = fork();
    process.takeCalls();
    store(child, 0, 8);
    assertEquals(7, process.load(0));
    assertEquals(8, load(child, 0));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void M104_theLastWhoHasAPageWritesWhereItIs() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    FakeMm child = fork();
    process.store(0, 8);
    store(child, 0, 9);
    assertEquals(pfn, pfn(child, 0));
    assertEquals("pfn 0x0 rw dirty", entry(child, 0));
    assertEquals(8, process.load(0));
    assertEquals(2, process.memory.framesInUse());
  }

  @Test
  void M104_theParentKeepsThePageWhenTheChildIsGone() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    exit(fork());
    process.takeCalls();
    assertEquals("pfn 0x0 r dirty", entry(process.mm, 0));
    process.store(0, 8);
    assertEquals(pfn, pfn(process.mm, 0));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void M104_referenceOfSomebodyElseMakesACopy() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    exit(fork());
    process.memory.get(pfn);
    process.store(0, 8);
    assertNotEquals(pfn, pfn(process.mm, 0));
    assertEquals(7, process.memory.readWord(pfn));
    process.memory.put(pfn);
  }

  @Test
  void M104_anExclusivePageIsWrittenWhereItIsWhoeverHasAReference() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    process.memory.get(pfn);
    process.mprotect(0, 1, Prot.READ);
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.store(0, 8);
    assertEquals(8, process.memory.readWord(pfn));
    process.memory.put(pfn);
  }

  @Test
  void M105_reusedPageBelongsToWhoReusesIt() {
    written(0, 7);
    FakeMm child = fork();
    process.store(0, 8);
    store(child, 0, 9);
    process.takeCalls();
    assertTrue(child.reclaim(at(0)));
    assertEquals(List.of(), process.takeCalls(), "nobody looks for it in the parent");
    assertEquals(9, load(child, 0));
    assertEquals(8, process.load(0));
  }

  @Test
  void M105_newPageOfTheChildIsItsOwn() {
    written(0, 7);
    FakeMm child = fork();
    store(child, 0, 8);
    process.takeCalls();
    assertTrue(child.reclaim(at(0)));
    assertEquals(List.of(), process.takeCalls());
    assertTrue(process.mm.reclaim(at(0)));
    assertEquals(8, load(child, 0));
    assertEquals(7, process.load(0));
  }

  @Test
  void M105_pageReadFromSwapByBothIsFoundInBoth() {
    written(0, 7);
    assertTrue(process.mm.reclaim(at(0)));
    FakeMm child = fork();
    assertEquals(7, load(child, 0));
    assertEquals(7, process.load(0));
    assertEquals(pfn(child, 0), pfn(process.mm, 0));
    assertTrue(child.reclaim(at(0)));
    assertEquals("swap 0x0", entry(process.mm, 0));
  }

  @Test
  void M105_aLineOfChildrenKeepsFewAnonVmas() {
    written(0, 7);
    FakeMm last = fork();
    for (int i = 0; i < 20; i++) {
      FakeMm next = fork(last);
      exit(last);
      store(next, 0, i);
      last = next;
    }
    assertEquals(3, last.vmas().get(0).anonVmaChain().all().size());
    assertEquals(19, load(last, 0));
    assertEquals(7, process.load(0));
  }

  @Test
  void M105_anonVmaInUseIsNotTakenByAnother() {
    written(0, 7);
    FakeMm first = fork();
    FakeMm second = fork();
    assertNotEquals(anonVma(first), anonVma(second));
    assertNotEquals(anonVma(process.mm), anonVma(first));
    assertEquals(2, first.vmas().get(0).anonVmaChain().all().size());
    assertEquals(3, fork(first).vmas().get(0).anonVmaChain().all().size());
  }

  private static AnonVma anonVma(FakeMm mm) {
    return mm.vmas().get(0).anonVma();
  }

  @Test
  void M105_vmasOfAChildMergeOnlyWithTheirLike() {
    written(0, 7);
    FakeMm child = fork();
    assertEquals(Errno.OK, child.mmap(at(1), size(1), Prot.READ_WRITE, Mapping.anonPrivate()));
    assertEquals(2, child.vmas().size(), "an inherited chain is not singular");
    assertEquals(Errno.OK, child.mprotect(at(0), size(1), Prot.READ));
    assertEquals(Errno.OK, child.mprotect(at(0), size(1), Prot.READ_WRITE));
    assertEquals(2, child.vmas().size());
    process.mmap(1, 1);
    assertEquals(1, process.mm.vmas().size());
  }

  @Test
  void M106_zeroPageAndHolesStay() {
    process.mmap(0, 3);
    process.load(0);
    process.store(1, 5);
    FakeMm child = fork();
    assertEquals(process.pte(0), child.pte(at(0)));
    assertEquals(Pte.NONE, child.pte(at(2)));
    store(child, 0, 4);
    store(child, 2, 6);
    assertEquals(0, process.load(0));
    assertEquals(0, process.load(2));
  }

  @Test
  void M106_entriesOfFilesComeBackByFaults() {
    file.write(0, 5);
    process.mmap(0, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(2, 1, Prot.READ, Mapping.filePrivate(file, 0));
    process.load(0);
    process.load(2);
    FakeMm child = fork();
    assertEquals(Pte.NONE, child.pte(at(0)));
    assertEquals(Pte.NONE, child.pte(at(2)));
    store(child, 0, 6);
    assertEquals(6, process.load(0));
    assertEquals(6, load(child, 2));
  }

  @Test
  void M106_filePagesBesideOwnOnesAreCopied() {
    file.write(0, 5);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    process.load(0);
    process.store(1, 1);
    FakeMm child = fork();
    assertEquals(process.pte(0), child.pte(at(0)));
    assertEquals(2, process.memory.mapCount(pfn(child, 0)));
    store(child, 0, 6);
    assertEquals(5, process.load(0));
    assertEquals(5, file.read(0));
  }

  @Test
  void M106_anonymousSharedMemoryIsOneObject() {
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.anonShared());
    FakeMm child = fork();
    store(child, 1, 6);
    assertEquals(6, process.load(1));
    process.munmap(0, 2);
    assertEquals(6, load(child, 1));
  }

  @Test
  void M106_rawFramesOfDevicesAreCopied() {
    DeviceMemory device = DeviceMemory.create(process.memory, 2);
    assertEquals(Errno.OK, device.backWithPage(1));
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.io(device, 0));
    process.mmap(4, 2, Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    process.store(4, 1);
    process.store(5, 2);
    FakeMm child = fork();
    for (long page : new long[] {0, 1, 4, 5}) {
      assertEquals(process.pte(page) & ~Pte.DIRTY, child.pte(at(page)));
    }
    device.close();
    store(child, 5, 3);
    assertEquals(3, process.load(5));
  }

  @Test
  void M107_swappedPageIsSharedToo() {
    written(0, 7);
    assertTrue(process.mm.reclaim(at(0)));
    FakeMm child = fork();
    assertEquals("swap 0x0", entry(process.mm, 0));
    assertEquals("swap 0x0", entry(child, 0));
    store(child, 0, 8);
    assertEquals(7, process.load(0));
    assertEquals(8, load(child, 0));
    exit(child);
    assertEquals(0, process.memory.swap().slotsInUse());
  }

  @Test
  void M107_readFromSwapByOneItIsStillShared() {
    written(0, 7);
    assertTrue(process.mm.reclaim(at(0)));
    FakeMm child = fork();
    assertEquals(7, process.load(0));
    long pfn = pfn(process.mm, 0);
    process.store(0, 8);
    assertNotEquals(pfn, pfn(process.mm, 0), "the child may still find the page in the cache");
    assertEquals(7, load(child, 0));
  }

  @Test
  void M107_pageOfTwoProcessesIsSwappedOutFromBoth() {
    written(0, 7);
    FakeMm child = fork();
    process.takeCalls();
    assertTrue(child.reclaim(at(0)));
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertEquals("swap 0x0", entry(process.mm, 0));
    assertEquals("swap 0x0", entry(child, 0));
    assertEquals(0, process.memory.framesInUse());
    assertEquals(7, load(child, 0));
    assertTrue(child.reclaim(at(0)), "a page read from swap is found in the child");
    store(child, 0, 8);
    assertEquals(7, process.load(0));
  }

  @Test
  void M108_pageUnderMigrationArrivesForBoth() {
    written(0, 7);
    PageMigration migration = process.mm.beginMigration(at(0));
    FakeMm child = fork();
    assertEquals("migration 0x0", entry(process.mm, 0));
    assertEquals("migration 0x0", entry(child, 0));
    assertTrue(migration.finish());
    assertEquals("pfn 0x0 r dirty", entry(process.mm, 0));
    assertEquals(pfn(process.mm, 0), pfn(child, 0));
    assertEquals(2, process.memory.mapCount(pfn(child, 0)));
    store(child, 0, 8);
    assertEquals(7, process.load(0));
  }

  @Test
  void M108_pageOfTwoProcessesMigrates() {
    written(0, 7);
    FakeMm child = fork();
    long pfn = pfn(child, 0);
    assertTrue(process.mm.migrate(at(0)));
    assertNotEquals(pfn, pfn(child, 0));
    assertEquals(pfn(process.mm, 0), pfn(child, 0));
    process.store(0, 8);
    assertEquals(7, load(child, 0));
  }

  @Test
  void M108_exclusivePageIsExclusiveAfterItsMigration() {
    written(0, 7);
    process.mprotect(0, 1, Prot.READ);
    assertTrue(process.mm.migrate(at(0)));
    process.mprotect(0, 1, Prot.READ_WRITE);
    long pfn = pfn(process.mm, 0);
    process.memory.get(pfn);
    process.store(0, 8);
    assertEquals(pfn, pfn(process.mm, 0));
    process.memory.put(pfn);
  }

  @Test
  void M108_poisonedPageIsPoisonedInBoth() {
    written(0, 7);
    assertTrue(process.mm.memoryFailure(at(0)));
    FakeMm child = fork();
    assertEquals(Signal.SIGBUS, child.load(at(0)).signal());
    assertEquals(Signal.SIGBUS, process.mm.load(at(0)).signal());
  }

  @Test
  void M108_memoryFailureTakesThePageFromBoth() {
    written(0, 7);
    FakeMm child = fork();
    assertTrue(process.mm.memoryFailure(at(0)));
    assertEquals(Signal.SIGBUS, child.load(at(0)).signal());
  }

  @Test
  void M109_pinnedPageStaysWithTheParent() {
    written(0, 7);
    PinnedPages pinned = PinnedPages.pinForWriting(process.mm, at(0), 1).value();
    FakeMm child = fork();
    assertEquals("pfn 0x0 rw dirty", entry(process.mm, 0));
    assertEquals("pfn 0x0 rw dirty", entry(child, 0));
    process.memory.writeWord(pinned.pfns().get(0), 9);
    assertEquals(9, process.load(0));
    assertEquals(7, load(child, 0));
    pinned.unpin();
  }

  @Test
  void M109_pinForReadingMakesThePageItsOwn() {
    written(0, 7);
    long pfn = pfn(process.mm, 0);
    FakeMm child = fork();
    process.takeCalls();
    PinnedPages pinned = PinnedPages.pin(process.mm, at(0), 1).value();
    assertEquals(List.of("start CLEAR 0-1", "end CLEAR 0-1"), process.takeCalls());
    assertNotEquals(pfn, pfn(process.mm, 0));
    assertEquals("pfn 0x0 r", entry(process.mm, 0));
    process.store(0, 8);
    assertEquals(8, process.memory.readWord(pinned.pfns().get(0)), "the device sees the write");
    assertEquals(7, load(child, 0));
    PinnedPages last = PinnedPages.pin(child, at(0), 1).value();
    assertEquals(List.of(pfn), last.pfns(), "nobody shares it any more");
    last.unpin();
    pinned.unpin();
  }

  @Test
  void M109_pinnedPageIsNeitherSwappedOutNorMigrated() {
    written(0, 7);
    PinnedPages pinned = PinnedPages.pin(process.mm, at(0), 1).value();
    assertFalse(process.mm.reclaim(at(0)));
    assertNull(process.mm.beginMigration(at(0)));
    assertEquals("pfn 0x0 rw dirty", entry(process.mm, 0));
    pinned.unpin();
    assertTrue(process.mm.migrate(at(0)));
    assertTrue(process.mm.reclaim(at(0)));
  }

  @Test
  void M109_pinOutlivesTheMapping() {
    written(0, 7);
    PinnedPages pinned = PinnedPages.pin(process.mm, at(0), 1).value();
    process.munmap(0, 1);
    assertEquals(7, process.memory.readWord(pinned.pfns().get(0)));
    pinned.unpin();
    assertEquals(0, process.memory.framesInUse());
    KernelBug bug = assertThrows(KernelBug.class, pinned::unpin);
    assertEquals(Rule.DOUBLE_FREE, bug.rule());
  }

  @Test
  void pinsStopAtTheFirstPageThatHasNone() {
    process.mmap(0, 2);
    process.mmap(2, 1, Prot.READ, Mapping.anonPrivate());
    DeviceMemory device = DeviceMemory.create(process.memory, 1);
    process.mmap(4, 1, Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    PinnedPages pinned = PinnedPages.pinForWriting(process.mm, at(0), 4).value();
    assertEquals(2, pinned.pfns().size());
    assertEquals(Errno.EFAULT, PinnedPages.pinForWriting(process.mm, at(2), 1).errno());
    assertEquals(Errno.EFAULT, PinnedPages.pin(process.mm, at(3), 1).errno());
    assertEquals(Errno.EEXIST, PinnedPages.pin(process.mm, at(4), 1).errno());
    PinnedPages zero = PinnedPages.pin(process.mm, at(2), 1).value();
    assertEquals(List.of(process.memory.zeroPfn()), zero.pfns());
    zero.unpin();
    pinned.unpin();
    process.memory.failAllocation(number -> true);
    process.dontneed(0, 1);
    assertEquals(Errno.ENOMEM, PinnedPages.pinForWriting(process.mm, at(0), 1).errno());
    process.memory.failAllocation(number -> false);
    assertThrows(IllegalArgumentException.class, () -> PinnedPages.pin(process.mm, at(0), 0));
  }

  @Test
  void M110_childHasNoNotifiers() {
    written(0, 7);
    FakeMm child = fork();
    process.takeCalls();
    assertEquals(Errno.OK, child.munmap(at(0), size(1)));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void M110_exitsInAnyOrder() {
    written(0, 1);
    Process parent = new Process();
    parent.mmap(0, 2);
    parent.store(0, 1);
    FakeMm first = parent.mm.fork();
    FakeMm second = first.fork();
    first.store(at(0), 2);
    first.exit();
    assertEquals(1, load(second, 0));
    second.store(at(1), 3);
    FakeMm third = second.fork();
    second.exit();
    assertEquals(1, load(third, 0));
    assertEquals(3, load(third, 1));
    third.exit();
    parent.exit();
    parent.kernel.shutdown();
  }

  @Test
  void forkOfADeadProcessIsABug() {
    Process dead = new Process();
    dead.exit();
    KernelBug bug = assertThrows(KernelBug.class, dead.mm::fork);
    assertEquals(Rule.MM_GONE, bug.rule());
    bug = assertThrows(KernelBug.class, () -> PinnedPages.pin(dead.mm, at(0), 1));
    assertEquals(Rule.MM_GONE, bug.rule());
  }

  @Test
  void M111_callbackThatThrowsLeavesNoChild() {
    written(0, 7);
    process.onStart =
        () -> {
          throw new IllegalStateException("broken driver");
        };
    assertThrows(KernelBug.class, process.mm::fork);
    process.onStart = () -> {};
    assertEquals("pfn 0x0 rw dirty", entry(process.mm, 0));
    assertFalse(process.mm.mm().mmapLock().isHeld());
    assertEquals(1, process.memory.framesInUse());
  }
}

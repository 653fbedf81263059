// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DeviceExclusiveTest {

  private final Process process = new Process();
  private final Devmem devmem = Devmem.of(process.kernel);
  private final PageFrames frames = process.memory.frames();

  @AfterEach
  void nothingIsLeft() {
    process.exit();
  }

  private <T> T locked(Supplier<T> work) {
    process.mm.mm().mmapLock().readLock();
    try {
      return work.get();
    } finally {
      process.mm.mm().mmapLock().readUnlock();
    }
  }

  private ErrPtr<Integer> make(long page, long[] pages) {
    return locked(
        () -> devmem.makeDeviceExclusiveRange(process.mm.mm(), Process.at(page), pages, process));
  }

  private void release(long... pages) {
    for (long page : pages) {
      if (page != MigratePfn.NO_PAGE) {
        frames.unlockPage(page);
        frames.putPage(page);
      }
    }
  }

  private void makeAndRelease(long page) {
    long[] pages = new long[1];
    assertEquals(Errno.OK, make(page, pages).errno());
    release(pages);
    assertEquals(Pte.DEVICE_EXCLUSIVE | Pte.WRITE, process.pte(page) & ~Pte.PFN_MASK);
  }

  @Test
  void D121_pagesAreFaultedInAndTaken() {
    process.mmap(0, 2);
    process.store(1, 5);
    long[] pages = new long[2];

    assertEquals(2, make(0, pages).value());

    for (int i = 0; i < 2; i++) {
      assertEquals(Pte.nonPresent(Pte.DEVICE_EXCLUSIVE | Pte.WRITE, pages[i]), process.pte(i));
      assertEquals(2, process.memory.refCount(pages[i]));
      assertEquals(0, process.memory.mapCount(pages[i]));
      assertTrue(!frames.tryLockPage(pages[i]));
    }
    release(pages);
    assertEquals(5, process.load(1));
    assertEquals(0, process.load(0));
    assertTrue(Pte.isWritable(process.pte(0)));
  }

  @Test
  void D122_theFirstErrorDecides() {
    process.mmap(0, 1);
    long[] pages = new long[2];

    assertEquals(1, make(0, pages).value());
    release(pages[0]);
    assertEquals(Errno.EFAULT, make(1, pages).errno());
    process.mprotect(0, 1, Prot.READ);
    assertEquals(Errno.EFAULT, make(0, pages).errno());
    process.memory.failAllocation(number -> true);
    process.mmap(4, 1);
    assertEquals(Errno.ENOMEM, make(4, pages).errno());
  }

  @Test
  void D123_whatIsLockedOrOfAFileIsLeftOut() {
    process.mmap(0, 1);
    process.store(0, 1);
    assertEquals(Errno.OK, process.mmap(1, 1, Prot.READ_WRITE, Mapping.anonShared()));
    long locked = Pte.pfn(process.pte(0));
    assertTrue(frames.tryLockPage(locked));
    long[] pages = new long[2];

    assertEquals(2, make(0, pages).value());

    assertArrayEquals(new long[] {MigratePfn.NO_PAGE, MigratePfn.NO_PAGE}, pages);
    assertTrue(Pte.isPresent(process.pte(0)) && Pte.isPresent(process.pte(1)));
    assertEquals(1, process.memory.refCount(locked));
    frames.unlockPage(locked);
  }

  @Test
  void D124_aTouchTellsEverybodyAndTakesThePageBack() {
    process.mmap(0, 1);
    process.store(0, 1);
    makeAndRelease(0);
    process.takeCalls();

    assertEquals(1, process.load(0));

    assertEquals(List.of("start EXCLUSIVE 0-1", "end EXCLUSIVE 0-1"), process.takeCalls());
    assertTrue(Pte.isWritable(process.pte(0)));
    assertEquals(1, process.memory.refCount(Pte.pfn(process.pte(0))));
  }

  @Test
  void D125_anEntryKeepsThePageUntilItGoes() {
    process.mmap(0, 3);
    for (int i = 0; i < 3; i++) {
      process.store(i, i);
      makeAndRelease(i);
    }
    assertEquals(3, process.memory.framesInUse());

    process.munmap(0, 1);
    process.dontneed(1, 1);

    assertEquals(1, process.memory.framesInUse());
    assertEquals(2, process.load(2));
  }

  @Test
  void D126_mprotectTakesTheRightToWrite() {
    process.mmap(0, 1);
    process.store(0, 1);
    makeAndRelease(0);

    process.mprotect(0, 1, Prot.READ);

    assertEquals(Pte.DEVICE_EXCLUSIVE, process.pte(0) & ~Pte.PFN_MASK);
    assertEquals(1, process.load(0));
    assertEquals(Signal.SIGSEGV, process.store(0, 2));
  }

  @Test
  void D127_forkGivesTheParentItsPageBackFirst() {
    process.mmap(0, 1);
    process.store(0, 1);
    makeAndRelease(0);

    FakeMm child = process.mm.fork();

    assertTrue(Pte.isPresent(process.pte(0)));
    assertEquals(process.pte(0), child.pte(Process.at(0)));
    assertEquals(Signal.NONE, child.store(Process.at(0), 2));
    assertEquals(1, process.load(0));
    child.exit();
  }

  @Test
  void D127_forkFailsWhileADeviceIsProgrammed() {
    process.mmap(0, 1);
    process.store(0, 1);
    long[] pages = new long[1];
    make(0, pages);

    assertNull(process.mm.fork());

    release(pages);
    assertEquals(1, process.load(0));
  }

  @Test
  void D128_aSharedPageIsTakenFromAllProcesses() {
    process.mmap(0, 1);
    process.store(0, 1);
    FakeMm child = process.mm.fork();
    assertEquals(Signal.NONE, process.store(0, 2));
    long[] pages = new long[1];

    assertEquals(1, make(0, pages).value());
    release(pages);

    assertTrue(Pte.isPresent(child.pte(Process.at(0))));
    assertEquals(1, child.load(Process.at(0)).value());
    assertEquals(2, process.load(0));
    child.exit();
  }

  @Test
  void D129_onePageAtATimeWaitsForItsLock() {
    process.mmap(0, 1);
    assertEquals(Errno.OK, process.mmap(1, 1, Prot.READ_WRITE, Mapping.anonShared()));

    ErrPtr<Long> page =
        locked(() -> devmem.makeDeviceExclusive(process.mm.mm(), Process.at(0) + 8, process));
    ErrPtr<Long> shared =
        locked(() -> devmem.makeDeviceExclusive(process.mm.mm(), Process.at(1), process));
    ErrPtr<Long> none =
        locked(() -> devmem.makeDeviceExclusive(process.mm.mm(), Process.at(2), process));

    assertEquals(page.value(), Pte.pfn(process.pte(0)));
    assertEquals(Errno.EOPNOTSUPP, shared.errno());
    assertEquals(Errno.EFAULT, none.errno());
    release(page.value());
    assertEquals(0, process.load(0));
  }
}

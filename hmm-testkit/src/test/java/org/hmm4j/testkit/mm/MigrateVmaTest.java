// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MigrateVmaTest {

  private static final long MIGRATE = MigratePfn.MIGRATE;

  private final Process process = new Process();
  private final Devmem devmem = Devmem.of(process.kernel);
  private final PageFrames frames = process.memory.frames();
  private final TestMemory device = new TestMemory(process, MemoryType.DEVICE_PRIVATE);

  @AfterEach
  void nothingIsLeft() {
    process.mm.exit();
    devmem.memunmapPages(device.pagemap);
    assertEquals(0, process.memory.framesInUse());
    assertEquals(List.of(), process.kernel.warnings());
  }

  /** Sets up, looks, and puts everything back. */
  private long[] collect(TestMemory by, long page, long pages, int select) {
    MigrateVma migration = by.migration(page, pages, select);
    locked(
        () -> {
          assertEquals(Errno.OK, devmem.migrateVmaSetup(migration));
          assertEquals(pages, migration.npages());
        });
    long[] collected = migration.src().clone();
    locked(
        () -> {
          devmem.migrateVmaPages(migration);
          devmem.migrateVmaFinalize(migration);
        });
    return collected;
  }

  private void locked(Runnable work) {
    process.mm.mm().mmapLock().readLock();
    try {
      work.run();
    } finally {
      process.mm.mm().mmapLock().readUnlock();
    }
  }

  private long kind(long page) {
    return Pte.isPresent(process.pte(page)) ? Pte.PRESENT : Pte.kind(process.pte(page));
  }

  @Test
  void D106_whatNoVmaHoldsIsEinval() {
    process.mmap(0, 4);
    FakeFile file = FakeFile.create(process.memory, 1);
    locked(
        () -> {
          assertEquals(Errno.EINVAL, devmem.migrateVmaSetup(device.migration(0, 0, 1)));
          assertEquals(Errno.EINVAL, devmem.migrateVmaSetup(device.migration(0, 5, 1)));
          assertEquals(Errno.EINVAL, devmem.migrateVmaSetup(device.migration(-1, 2, 1)));
          assertEquals(Errno.EINVAL, devmem.migrateVmaSetup(device.migration(9, 1, 1)));
          assertEquals(
              Errno.EINVAL,
              devmem.migrateVmaSetup(
                  device.migration(0, 1, 1).faultPage(process.memory.zeroPfn())));
        });
    file.close();
  }

  @Test
  void D107_emptyEntriesAreCollectedInAnonymousMemoryOnly() {
    process.mmap(0, 2);
    assertEquals(Errno.OK, process.mmap(4, 2, Prot.READ_WRITE, Mapping.anonShared()));

    assertArrayEquals(new long[] {MIGRATE, MIGRATE}, collect(device, 0, 2, 1));
    assertArrayEquals(new long[] {0, 0}, collect(device, 4, 2, 1));
    process.load(0);
    process.load(4);
    assertArrayEquals(new long[] {MIGRATE, MIGRATE}, collect(device, 0, 2, 1));
    assertEquals(0, collect(device, 4, 2, 1)[1]);
  }

  @Test
  void D108_onlyWhatIsSelectedIsCollected() {
    process.mmap(0, 4);
    process.store(0, 1);
    process.store(1, 2);
    device.migrateHere(1, 1);
    process.load(2);
    long main = MigratePfn.of(Pte.pfn(process.pte(0))) | MIGRATE | MigratePfn.WRITE;
    long ours = MigratePfn.of(Pte.pfn(process.pte(1))) | MIGRATE | MigratePfn.WRITE;
    TestMemory other = new TestMemory(process, MemoryType.DEVICE_PRIVATE);

    assertArrayEquals(
        new long[] {main, 0, MIGRATE}, collect(device, 0, 3, MigrateVma.SELECT_SYSTEM));
    assertArrayEquals(
        new long[] {0, ours, 0}, collect(device, 0, 3, MigrateVma.SELECT_DEVICE_PRIVATE));
    assertArrayEquals(
        new long[] {0, 0, 0}, collect(device, 0, 3, MigrateVma.SELECT_DEVICE_COHERENT));
    assertArrayEquals(new long[] {0, 0, 0}, collect(other, 0, 3, MigrateVma.SELECT_DEVICE_PRIVATE));
    devmem.memunmapPages(other.pagemap);
  }

  @Test
  void D108_coherentMemoryIsSelectedByItsOwner() {
    process.mmap(0, 1);
    process.store(0, 5);
    TestMemory coherent = new TestMemory(process, MemoryType.DEVICE_COHERENT);
    coherent.migrateHere(0, 1);
    long pfn = Pte.pfn(process.pte(0));

    assertEquals(Pte.PRESENT, kind(0));
    assertEquals(coherent.pagemap, frames.pagemap(pfn));
    assertEquals(5, process.load(0));
    assertEquals(0, collect(coherent, 0, 1, MigrateVma.SELECT_DEVICE_PRIVATE)[0]);
    assertEquals(0, collect(device, 0, 1, MigrateVma.SELECT_DEVICE_COHERENT)[0]);
    assertEquals(
        MigratePfn.of(pfn) | MIGRATE | MigratePfn.WRITE,
        collect(coherent, 0, 1, MigrateVma.SELECT_DEVICE_COHERENT)[0]);
    assertFalse(process.mm.reclaim(Process.at(0)));
    assertEquals(Errno.OK, process.munmap(0, 1));
    assertEquals(List.of(pfn), coherent.freed);
    devmem.memunmapPages(coherent.pagemap);
  }

  @Test
  void D109_whatIsLockedPinnedOrReferredToStaysWhereItIs() {
    process.mmap(0, 4);
    for (int i = 0; i < 4; i++) {
      process.store(i, 10 + i);
    }
    long locked = Pte.pfn(process.pte(0));
    long referred = Pte.pfn(process.pte(1));
    Page pinned = process.memory.page(Pte.pfn(process.pte(2)));
    assertTrue(frames.tryLockPage(locked));
    assertTrue(frames.tryGetPage(referred));
    pinned.get();
    pinned.pin();
    long[] before = {process.pte(0), process.pte(1), process.pte(2)};

    long[] moved = device.migrateHere(0, 4);

    assertArrayEquals(new long[] {0, 0, 0}, new long[] {moved[0], moved[1], moved[2]});
    assertArrayEquals(before, new long[] {process.pte(0), process.pte(1), process.pte(2)});
    assertEquals(Pte.DEVICE_PRIVATE, kind(3));
    frames.unlockPage(locked);
    frames.putPage(referred);
    process.memory.unpin(pinned);
    process.memory.put(pinned);
    for (int i = 0; i < 4; i++) {
      assertEquals(10 + i, process.load(i));
      assertTrue(frames.tryLockPage(Pte.pfn(process.pte(i))));
      frames.unlockPage(Pte.pfn(process.pte(i)));
      assertEquals(1, process.memory.refCount(Pte.pfn(process.pte(i))));
    }
  }

  @Test
  void D110_thePageLeavesEveryAddressSpace() {
    process.mmap(0, 1);
    process.store(0, 7);
    FakeMm child = process.mm.fork();

    device.migrateHere(0, 1);

    long pfn = Pte.pfn(process.pte(0));
    assertEquals(Pte.nonPresent(Pte.DEVICE_PRIVATE, pfn), process.pte(0));
    assertEquals(process.pte(0), child.pte(Process.at(0)));
    assertEquals(2, process.memory.mapCount(pfn));
    assertEquals(7, child.load(Process.at(0)).value());
    assertEquals(List.of(pfn), device.freed);
    assertEquals(7, process.load(0));
    child.exit();
  }

  @Test
  void D111_theOwnerIsTold() {
    process.mmap(0, 4);
    process.store(0, 1);
    List<String> events = new ArrayList<>();
    watch(events::add);

    device.migrateHere(0, 4);

    assertEquals(List.of("MIGRATE 0-4 ours", "MIGRATE 1-4 ours"), events);
  }

  private void watch(Consumer<String> events) {
    MmuIntervalNotifier watcher =
        MmuNotifiers.of(process.kernel)
            .intervalNotifier(
                (notifier, range, seq) -> {
                  notifier.setSeq(seq);
                  events.accept(
                      "%s %d-%d %s"
                          .formatted(
                              range.event(),
                              range.start() - Process.BASE >> 12,
                              range.end() - Process.BASE >> 12,
                              range.owner() == device.owner ? "ours" : range.owner()));
                  return true;
                });
    assertEquals(Errno.OK, watcher.insert(process.mm.mm(), Process.BASE, Process.size(64)));
  }

  @Test
  void D112_withoutATargetThePageIsPutBack() {
    process.mmap(0, 2);
    process.store(0, 3);
    long before = process.pte(0);
    MigrateVma migration = device.migration(0, 2, MigrateVma.SELECT_SYSTEM);

    locked(
        () -> {
          devmem.migrateVmaSetup(migration);
          assertEquals(2, migration.cpages());
          assertEquals(Pte.MIGRATION, kind(0));
          devmem.migrateVmaPages(migration);
          assertFalse(MigratePfn.isMigrating(migration.src()[0]));
          assertEquals(0, migration.src()[1]);
          devmem.migrateVmaFinalize(migration);
        });

    assertEquals(before, process.pte(0));
    assertEquals(1, process.memory.refCount(Pte.pfn(before)));
    assertEquals(3, process.load(0));
  }

  @Test
  void D113_insertedPagesAreWritableAsTheVmaIs() {
    process.mmap(0, 1);
    assertEquals(Errno.OK, process.mmap(1, 1, Prot.READ, Mapping.anonPrivate()));

    device.migrateHere(0, 1);
    device.migrateHere(1, 1);

    assertEquals(Pte.DEVICE_PRIVATE | Pte.WRITE, process.pte(0) & ~Pte.PFN_MASK);
    assertEquals(Pte.DEVICE_PRIVATE, process.pte(1) & ~Pte.PFN_MASK);
    assertEquals(0, process.load(0));
    assertEquals(0, process.load(1));
  }

  @Test
  void D114_whoIsFasterKeepsHisPage() {
    process.mmap(0, 1);
    MigrateVma migration = device.migration(0, 1, MigrateVma.SELECT_SYSTEM);
    locked(() -> devmem.migrateVmaSetup(migration));
    process.store(0, 9);
    locked(
        () -> {
          device.fill(migration, device::allocate);
          devmem.migrateVmaPages(migration);
          assertEquals(0, migration.src()[0]);
          devmem.migrateVmaFinalize(migration);
        });

    assertEquals(1, device.freed.size());
    assertEquals(9, process.load(0));
  }

  @Test
  void D115_aPageOfAFileDoesNotGoToADevice() {
    assertEquals(Errno.OK, process.mmap(0, 1, Prot.READ_WRITE, Mapping.anonShared()));
    process.store(0, 4);
    long before = Pte.pfn(process.pte(0));

    long[] moved = device.migrateHere(0, 1);

    assertFalse(MigratePfn.isMigrating(moved[0]));
    assertEquals(before, Pte.pfn(process.pte(0)));
    assertEquals(4, process.load(0));
    assertEquals(1, device.freed.size());
  }

  @Test
  void D116_aTouchBringsOnePageBack() {
    process.mmap(0, 2);
    process.store(0, 1);
    process.store(1, 2);
    device.migrateHere(0, 2);

    assertEquals(1, process.load(0));
    assertEquals(Pte.PRESENT, kind(0));
    assertTrue(Pte.isWritable(process.pte(0)));
    assertEquals(Pte.DEVICE_PRIVATE, kind(1));
    device.answerToTouch = VmFault.SIGBUS;
    assertEquals(Signal.SIGBUS, process.store(1, 3));
    device.answerToTouch = 0;
    assertEquals(Signal.NONE, process.store(1, 3));
    assertEquals(3, process.load(1));
    assertEquals(2, device.freed.size());
  }

  @Test
  void D117_rightsOfDevicePagesOnlyShrink() {
    process.mmap(0, 1);
    process.store(0, 6);
    device.migrateHere(0, 1);

    assertEquals(Errno.OK, process.mprotect(0, 1, Prot.READ));
    assertEquals(Pte.DEVICE_PRIVATE, process.pte(0) & ~Pte.PFN_MASK);
    assertEquals(Errno.OK, process.mprotect(0, 1, Prot.READ_WRITE));
    assertEquals(Pte.DEVICE_PRIVATE, process.pte(0) & ~Pte.PFN_MASK);
    assertEquals(Errno.OK, process.mremap(0, 1, 8));
    assertEquals(6, process.load(8));
    assertEquals(Signal.NONE, process.store(8, 7));
    assertEquals(7, process.load(8));
  }

  @Test
  void D118_munmapDontneedAndExitFreeDevicePages() {
    process.mmap(0, 3);
    device.migrateHere(0, 3);

    assertEquals(Errno.OK, process.munmap(0, 1));
    assertEquals(1, device.freed.size());
    assertEquals(Errno.OK, process.dontneed(1, 1));
    assertEquals(2, device.freed.size());
    assertEquals(1, device.pagemap.pagesInUse());
  }

  @Test
  void D119_aRangeOfTheDeviceIsEvictedWhereverItIsMapped() {
    process.mmap(0, 3);
    process.store(0, 1);
    process.store(1, 2);
    process.store(2, 3);
    device.migrateHere(0, 3);
    long first = device.pagemap.firstPfn();
    process.munmap(0, 1);
    assertTrue(frames.tryLockPage(first + 1));
    long[] src = new long[4];
    long[] dst = new long[4];

    devmem.migrateDeviceRange(frames, src, first);

    assertArrayEquals(new long[] {0, 0, MigratePfn.of(first + 2) | MIGRATE, 0}, src);
    long target = process.memory.allocate();
    frames.lockPage(target);
    process.memory.writeWord(target, 3);
    dst[2] = MigratePfn.of(target);
    devmem.migrateDevicePages(frames, src, dst);
    devmem.migrateDeviceFinalize(frames, src, dst);
    assertEquals(target, Pte.pfn(process.pte(2)));
    frames.unlockPage(first + 1);
    assertEquals(3, process.load(2));
    assertEquals(2, process.load(1));
  }

  @Test
  void D120_aNotifierThatThrowsLeavesNothingLocked() {
    process.mmap(0, 2);
    process.store(0, 1);
    process.store(1, 2);
    FakeMm child = process.mm.fork();
    process.calls.clear();
    process.onStart =
        () -> {
          if (process.calls.get(process.calls.size() - 1).contains("CLEAR")) {
            throw new IllegalStateException("broken driver");
          }
        };
    boolean failed = false;
    try {
      device.migrateHere(0, 2);
    } catch (RuntimeException e) {
      failed = true;
    }
    process.onStart = () -> {};

    assertTrue(failed);
    for (int i = 0; i < 2; i++) {
      long pfn = Pte.pfn(process.pte(i));
      assertEquals(Pte.PRESENT, kind(i));
      assertEquals(2, process.memory.refCount(pfn));
      assertTrue(frames.tryLockPage(pfn));
      frames.unlockPage(pfn);
    }
    child.exit();
  }

  @Test
  void D120_aNotifierThatThrowsAtAnInsertionEndsTheMigrationThere() {
    process.mmap(0, 4);
    process.store(0, 1);
    process.store(2, 3);
    MigrateVma migration = device.migration(0, 4, MigrateVma.SELECT_SYSTEM);
    boolean failed = false;
    process.mm.mm().mmapLock().readLock();
    try {
      devmem.migrateVmaSetup(migration);
      device.fill(migration, device::allocate);
      process.onStart =
          () -> {
            throw new IllegalStateException("broken driver");
          };
      devmem.migrateVmaPages(migration);
    } catch (RuntimeException e) {
      failed = true;
    } finally {
      process.onStart = () -> {};
      devmem.migrateVmaFinalize(migration);
      process.mm.mm().mmapLock().readUnlock();
    }

    assertTrue(failed);
    assertEquals(Pte.DEVICE_PRIVATE, kind(0));
    assertEquals(Pte.NONE, process.pte(1));
    assertEquals(Pte.PRESENT, kind(2));
    assertEquals(3, process.load(2));
    assertEquals(3, device.freed.size());
  }
}

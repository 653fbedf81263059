// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mappings of DAX devices by huge entries, and corrupt entries. */
class DaxTest {

  private static final long AT = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PMD_ORDER = PageTableGeometry.X86_64.pmdOrder();
  private static final int PUD_ORDER = PageTableGeometry.X86_64.pudOrder();
  private static final long PMD = PAGE << PMD_ORDER;
  private static final long PUD = PAGE << PUD_ORDER;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm mm = FakeMm.create(kernel, memory);

  @AfterEach
  void nothingIsLeft() {
    mm.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.warnings());
  }

  private DeviceMemory map(int order, int entries) {
    DeviceMemory dax = DeviceMemory.createDax(memory, entries << order, order);
    long size = (PAGE << order) * entries;
    assertEquals(Errno.OK, mm.mmap(AT, size, Prot.READ_WRITE, Mapping.dax(dax, 0)));
    return dax;
  }

  @Test
  void cpuUsesTheDeviceThroughAPmd() {
    DeviceMemory dax = map(PMD_ORDER, 2);
    assertEquals(Signal.NONE, mm.store(AT + PMD + 3 * PAGE, 7));
    assertEquals(7, dax.read(515));
    assertEquals(Pte.NONE, mm.pageTables().pmd(AT));
    long rest = Pte.HUGE | Pte.DEVMAP | Pte.WRITE | Pte.DIRTY;
    assertEquals(Pte.present(dax.pfn(512), rest), mm.pageTables().pmd(AT + PMD));
  }

  @Test
  void cpuUsesTheDeviceThroughAPud() {
    DeviceMemory dax = map(PUD_ORDER, 1);
    assertEquals(0, dax.pfn(0) % (1 << PUD_ORDER));
    assertEquals(0, mm.load(AT).value());
    assertEquals(
        Pte.DEVMAP | Pte.HUGE, mm.pageTables().pud(AT) & (Pte.DEVMAP | Pte.HUGE | Pte.DIRTY));
    assertEquals(Signal.NONE, mm.store(AT + 1000 * PAGE, 7));
    assertEquals(Pte.DIRTY, mm.pageTables().pud(AT) & Pte.DIRTY);
    assertEquals(7, dax.read(1000));
    assertEquals(dax.pfn(1000), Pte.pfn(mm.pte(AT + 1000 * PAGE)));
  }

  @Test
  void bordersAreThoseOfEntries() {
    DeviceMemory dax = map(PMD_ORDER, 2);
    assertEquals(Errno.EINVAL, mm.munmap(AT, PAGE));
    assertEquals(Errno.EINVAL, mm.munmap(AT + PAGE, PMD));
    assertEquals(Errno.EINVAL, mm.mprotect(AT, PAGE, Prot.READ));
    assertEquals(Errno.EINVAL, mm.mremap(AT, PAGE, AT + PUD));
    assertEquals(1, mm.vmas().size());
    assertEquals(Errno.OK, mm.munmap(AT, PMD));
    Mapping mapping = Mapping.dax(dax, 0);
    assertEquals(Errno.EINVAL, mm.mmap(AT + PUD, PAGE, Prot.READ, mapping));
    assertEquals(Errno.EINVAL, mm.mmap(AT + PUD + PAGE, PMD, Prot.READ, mapping));
    assertEquals(1, mm.vmas().size());
  }

  @Test
  void beyondTheDeviceIsSigbus() {
    DeviceMemory dax = DeviceMemory.createDax(memory, 1 << PMD_ORDER, PMD_ORDER);
    assertEquals(Errno.OK, mm.mmap(AT, 2 * PMD, Prot.READ_WRITE, Mapping.dax(dax, 0)));
    assertEquals(Signal.NONE, mm.store(AT, 1));
    assertEquals(Signal.SIGBUS, mm.store(AT + PMD, 1));
  }

  @Test
  void withoutHugePagesThereIsNoAccess() {
    map(PMD_ORDER, 1);
    mm.madviseNohugepage(AT, PMD);
    assertEquals(Signal.SIGBUS, mm.load(AT).signal());
    mm.madviseHugepage(AT, PMD);
    assertEquals(Signal.NONE, mm.load(AT).signal());
  }

  @Test
  void partThatIsThrownAwayTakesAllAndComesBack() {
    for (int order : new int[] {PMD_ORDER, PUD_ORDER}) {
      map(order, 1);
      mm.store(AT + 5 * PAGE, 9);
      assertEquals(Errno.OK, mm.madviseDontneed(AT, PAGE));
      assertEquals(Pte.NONE, mm.pte(AT + 5 * PAGE));
      assertEquals(9, mm.load(AT + 5 * PAGE).value());
      assertEquals(Errno.OK, mm.munmap(AT, PAGE << order));
      assertEquals(Pte.NONE, mm.pageTables().pgd(AT));
    }
  }

  @Test
  void changeOfRightsIsSeen() {
    for (int order : new int[] {PMD_ORDER, PUD_ORDER}) {
      map(order, 1);
      mm.store(AT, 9);
      assertEquals(Errno.OK, mm.mprotect(AT, PAGE << order, Prot.READ));
      assertEquals(Signal.SIGSEGV, mm.store(AT, 1));
      assertEquals(9, mm.load(AT).value());
      assertFalse(Pte.isWritable(mm.pte(AT)));
      assertEquals(Errno.OK, mm.mprotect(AT, PAGE << order, Prot.READ_WRITE));
      assertEquals(Signal.NONE, mm.store(AT, 1));
      mm.munmap(AT, PAGE << order);
    }
  }

  @Test
  void movesAndIsShared() {
    for (int order : new int[] {PMD_ORDER, PUD_ORDER}) {
      map(order, 1);
      mm.store(AT, 9);
      assertEquals(Errno.OK, mm.mremap(AT, PAGE << order, AT + 4 * PUD));
      assertEquals(9, mm.load(AT + 4 * PUD).value());
      assertEquals(Pte.NONE, mm.pte(AT));
      FakeMm child = mm.fork();
      child.store(AT + 4 * PUD, 10);
      child.exit();
      assertEquals(10, mm.load(AT + 4 * PUD).value());
      mm.munmap(AT + 4 * PUD, PAGE << order);
    }
  }

  @Test
  void rawEntriesAreNoDevmap() {
    for (int order : new int[] {PMD_ORDER, PUD_ORDER}) {
      DeviceMemory dax = DeviceMemory.createDax(memory, 1 << order, order);
      mm.mmap(AT, PAGE << order, Prot.READ_WRITE, Mapping.daxRaw(dax, 0));
      mm.store(AT, 3);
      assertEquals(0, mm.pte(AT) & Pte.DEVMAP);
      FakeMm child = mm.fork();
      assertEquals(3, child.load(AT).value());
      child.exit();
      mm.munmap(AT, PAGE << order);
    }
  }

  @Test
  void noPageIsFoundThere() {
    map(PUD_ORDER, 1);
    mm.store(AT, 1);
    assertFalse(mm.reclaim(AT));
    assertFalse(mm.migrate(AT));
    assertTrue(mm.numaHint(AT, AT + PUD));
    assertEquals(0, mm.pte(AT) & Pte.PROTNONE);
    mm.mm().mmapLock().readLock();
    assertEquals(Errno.EFAULT, mm.getUserPages(AT, new long[1]).errno());
    mm.mm().mmapLock().readUnlock();
  }

  @Test
  void corruptEntriesGoWithTheMapping() {
    mm.mmap(AT, PUD, Prot.READ_WRITE, Mapping.anonPrivate());
    mm.corruption().pmd(AT, Pte.BAD);
    assertEquals(Signal.SIGBUS, mm.load(AT).signal());
    assertEquals(Errno.OK, mm.munmap(AT, PAGE));
    assertEquals(Pte.NONE, mm.pageTables().pmd(AT));
    mm.corruption().pmd(AT + PMD, Pte.nonPresent(Pte.SWAP, 3));
    mm.munmap(AT, PUD);
    mm.mmap(AT, PUD, Prot.READ_WRITE, Mapping.anonPrivate());
    mm.corruption().pud(AT, Pte.BAD);
    assertEquals(Signal.SIGBUS, mm.load(AT).signal());
    mm.corruption().pud(AT, Pte.NONE);
    assertEquals(Signal.NONE, mm.store(AT, 1));
  }

  @Test
  void wiringMistakes() {
    DeviceMemory dax = map(PMD_ORDER, 1);
    DeviceMemory plain = DeviceMemory.create(memory, 1);
    mm.store(AT, 1);
    EntryCorruption corruption = mm.corruption();
    refused(() -> DeviceMemory.createDax(memory, 1, 1));
    refused(() -> DeviceMemory.createDax(memory, 1, 0));
    refused(() -> Mapping.dax(plain, 0));
    refused(() -> Mapping.dax(dax, 1));
    refused(() -> Mapping.mixedMap(dax, 0));
    refused(() -> corruption.pmd(AT, Pte.BAD));
    refused(() -> corruption.pud(AT, Pte.BAD));
    refused(() -> corruption.pmd(AT + PMD, Pte.BAD));
    refused(() -> corruption.pmd(AT, Pte.TABLE));
    refused(() -> corruption.pmd(AT, Pte.nonPresent(Pte.MIGRATION, 1)));
    refused(() -> corruption.pmd(AT, Pte.present(1, 0)));
    assertEquals(1, mm.load(AT).value());
  }

  private static void refused(Runnable action) {
    assertThrows(IllegalArgumentException.class, action::run);
  }
}

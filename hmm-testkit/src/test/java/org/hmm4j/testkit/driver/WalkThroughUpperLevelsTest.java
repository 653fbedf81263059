// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.mm.DeviceMemory;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * As {@link WalkThroughFakeMmTest}, the rows of the branch table for huge memory of devices, and
 * for entries of upper levels that Linux 6.1 never makes.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WalkThroughUpperLevelsTest {

  /** Aligned for a pud. */
  private static final long AT = 0x4000_0000L;

  private static final long PAGE = 4096;
  private static final int PMD_ORDER = PageTableGeometry.X86_64.pmdOrder();
  private static final int PUD_ORDER = PageTableGeometry.X86_64.pudOrder();
  private static final long FAULT = HmmPfn.REQ_FAULT;
  private static final long WRITE = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm mm = FakeMm.create(kernel, memory);
  private final List<Dmirror> devices =
      List.of(IntervalDmirror.open(mm.mm(), memory), MirrorDmirror.open(mm.mm(), memory));
  private final List<Long> faults = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    devices.forEach(Dmirror::close);
    mm.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.warnings());
  }

  private DeviceMemory dax(int order) {
    return DeviceMemory.createDax(memory, 1 << order, order);
  }

  private void map(int order, Prot prot, Mapping mapping) {
    assertEquals(Errno.OK, mm.mmap(AT, PAGE << order, prot, mapping));
  }

  private void countFaults() {
    mm.intercept(
        (vma, address, flags) -> {
          faults.add(address);
          return 0;
        });
  }

  /** Across a border of leaf tables, so that only a pud can be one block. */
  private static HmmRange range(long request) {
    return HmmRange.of(AT + 511 * PAGE, AT + 513 * PAGE).defaultFlags(request);
  }

  private static HmmRange pmdRange(long request) {
    return HmmRange.of(AT + 7 * PAGE, AT + 9 * PAGE).defaultFlags(request);
  }

  private static void answers(Dmirror device, HmmRange range, long first, long second) {
    assertEquals(Errno.OK, device.rangeFault(range), device.toString());
    assertEquals(first, range.pfn(0), device.toString());
    assertEquals(second, range.pfn(1), device.toString());
  }

  private static long order(int order) {
    return (long) order << HmmPfn.ORDER_SHIFT;
  }

  @Test
  void R138_row5PmdNotPresentAndNotUnderMigration() {
    map(PMD_ORDER, Prot.READ_WRITE, Mapping.anonPrivate());
    countFaults();
    for (long kind : new long[] {Pte.SWAP, Pte.DEVICE_PRIVATE, Pte.HWPOISON}) {
      mm.corruption().pmd(AT, Pte.nonPresent(kind, 5));
      isErrorOrEfault();
    }
  }

  @Test
  void R141_row7BadPmd() {
    map(PMD_ORDER, Prot.READ_WRITE, Mapping.anonPrivate());
    countFaults();
    mm.corruption().pmd(AT, Pte.BAD);
    isErrorOrEfault();
  }

  private void isErrorOrEfault() {
    long before = mm.pageTables().pmd(AT);
    for (Dmirror device : devices) {
      answers(device, pmdRange(0), HmmPfn.ERROR, HmmPfn.ERROR);
      assertEquals(Errno.EFAULT, device.rangeFault(pmdRange(FAULT)));
      assertEquals(Errno.EFAULT, device.rangeFault(pmdRange(WRITE)));
    }
    assertEquals(List.of(), faults);
    assertEquals(before, mm.pageTables().pmd(AT));
  }

  @Test
  void R139_row6HugeDeviceMemory() {
    DeviceMemory dax = dax(PMD_ORDER);
    map(PMD_ORDER, Prot.READ_WRITE, Mapping.dax(dax, 0));
    long answer = dax.pfn(7) | HmmPfn.VALID | HmmPfn.WRITE | order(PMD_ORDER);
    answers(devices.get(0), pmdRange(0), 0, 0);
    countFaults();
    for (Dmirror device : devices) {
      answers(device, pmdRange(WRITE), answer, answer + 1);
      answers(device, pmdRange(0), answer, answer + 1);
      answers(device, pmdRange(FAULT), answer, answer + 1);
    }
    assertEquals(Pte.DEVMAP, mm.pageTables().pmd(AT) & Pte.DEVMAP);
    assertEquals(List.of(AT + 7 * PAGE, AT + 8 * PAGE), faults, "the hole only, page by page");
  }

  @Test
  void R139_row6HugeDeviceMemoryThatIsReadOnly() {
    DeviceMemory dax = dax(PMD_ORDER);
    map(PMD_ORDER, Prot.READ, Mapping.dax(dax, 0));
    long answer = dax.pfn(7) | HmmPfn.VALID | order(PMD_ORDER);
    for (Dmirror device : devices) {
      answers(device, pmdRange(FAULT), answer, answer + 1);
      assertEquals(Errno.EPERM, device.rangeFault(pmdRange(WRITE)));
    }
    mm.mprotect(AT, PAGE << PMD_ORDER, Prot.READ_WRITE);
    answers(devices.get(0), pmdRange(WRITE), answer | HmmPfn.WRITE, answer + 1 | HmmPfn.WRITE);
  }

  @Test
  void R142_row9HugePudNotPresentIsAHole() {
    DeviceMemory dax = dax(PUD_ORDER);
    map(PUD_ORDER, Prot.READ_WRITE, Mapping.dax(dax, 0));
    long broken = Pte.nonPresent(Pte.BAD, 0) | Pte.DEVMAP | Pte.HUGE;
    long answer = dax.pfn(511) | HmmPfn.VALID | HmmPfn.WRITE | order(PUD_ORDER);
    for (Dmirror device : devices) {
      mm.corruption().pud(AT, broken);
      answers(device, range(0), 0, 0);
      assertEquals(broken, mm.pageTables().pud(AT));
      mm.intercept(
          (vma, address, flags) -> {
            faults.add(address);
            return VmFault.SIGBUS;
          });
      assertEquals(Errno.EFAULT, device.rangeFault(range(FAULT)));
      assertEquals(List.of(AT + 511 * PAGE), faults);
      faults.clear();
      mm.intercept(
          (vma, address, flags) -> {
            if (faults.isEmpty()) {
              mm.corruption().pud(AT, Pte.NONE);
            }
            faults.add(address);
            return 0;
          });
      answers(device, range(WRITE), answer, answer + 1);
      assertEquals(List.of(AT + 511 * PAGE, AT + 512 * PAGE), faults, "one block of both pages");
      faults.clear();
      mm.madviseDontneed(AT, PAGE << PUD_ORDER);
    }
  }

  @Test
  void R143_row10HugePud() {
    DeviceMemory dax = dax(PUD_ORDER);
    map(PUD_ORDER, Prot.READ_WRITE, Mapping.dax(dax, 0));
    mm.store(AT, 1);
    countFaults();
    long answer = dax.pfn(511) | HmmPfn.VALID | HmmPfn.WRITE | order(PUD_ORDER);
    for (Dmirror device : devices) {
      for (long request : new long[] {0, FAULT, WRITE}) {
        answers(device, range(request), answer, answer + 1);
      }
    }
    assertEquals(List.of(), faults);
    assertEquals(Pte.DEVMAP, mm.pageTables().pud(AT) & Pte.DEVMAP);
  }

  @Test
  void R143_row10HugePudThatIsReadOnly() {
    DeviceMemory dax = dax(PUD_ORDER);
    map(PUD_ORDER, Prot.READ, Mapping.dax(dax, 0));
    mm.load(AT);
    long answer = dax.pfn(511) | HmmPfn.VALID | order(PUD_ORDER);
    for (Dmirror device : devices) {
      answers(device, range(FAULT), answer, answer + 1);
      assertEquals(Errno.EPERM, device.rangeFault(range(WRITE)));
    }
  }

  @Test
  void R144_row11HugePudThatIsNotDevmapIsSplit() {
    DeviceMemory dax = dax(PUD_ORDER);
    map(PUD_ORDER, Prot.READ_WRITE, Mapping.daxRaw(dax, 0));
    for (Dmirror device : devices) {
      mm.store(AT, 1);
      assertEquals(0, mm.pageTables().pud(AT) & Pte.DEVMAP);
      assertEquals(Pte.HUGE, mm.pageTables().pud(AT) & Pte.HUGE);
      // Nothing is left of it, and that is a hole.
      answers(device, range(0), 0, 0);
      assertEquals(Pte.NONE, mm.pageTables().pud(AT));
      assertEquals(1, mm.load(AT).value());
    }
  }

  @Test
  void R144_row11IsSplitBeforeTheFaultsOfARequest() {
    DeviceMemory dax = dax(PUD_ORDER);
    map(PUD_ORDER, Prot.READ_WRITE, Mapping.daxRaw(dax, 0));
    mm.store(AT, 1);
    List<Long> puds = new ArrayList<>();
    mm.intercept(
        (vma, address, flags) -> {
          puds.add(mm.pageTables().pud(AT));
          return VmFault.SIGBUS;
        });
    assertEquals(Errno.EFAULT, devices.get(0).rangeFault(range(WRITE)));
    assertEquals(List.of(Pte.NONE), puds);
  }
}

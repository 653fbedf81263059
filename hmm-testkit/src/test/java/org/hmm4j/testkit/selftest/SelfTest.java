// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorDevice;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.mm.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process that has opened test devices of one kind: a {@code FIXTURE} of the kernel's self-tests
 * and its variant. Memory is mapped at pages from {@link #BASE} on. A page is tested by its first
 * word. At the end of each test nothing may be left.
 */
@ExtendWith(SelfTestTable.class)
abstract class SelfTest {

  /** The default buffer: {@code HMM_BUFFER_SIZE}, 4 MiB. */
  static final int BUFFER = 1024;

  /** One huge page. */
  static final int HUGE = 512;

  static final int ROUNDS = 10;

  private static final long BASE = 0x4000_0000L;
  private static final int PAGE_SHIFT = 12;
  private static final int FIRST_VALUE = 7_000;

  final Kernel kernel = Kernel.boot();
  final PhysicalMemory memory = PhysicalMemory.create(kernel);
  final FakeMm mm = FakeMm.create(kernel, memory);
  final MemoryType type;
  final List<DmirrorDevice> hardware = new ArrayList<>();
  final List<Dmirror> devices = new ArrayList<>();

  private final int count;

  SelfTest(MemoryType type, int count) {
    this.type = type;
    this.count = count;
  }

  @BeforeEach
  final void open() {
    for (int i = 0; i < count; i++) {
      hardware.add(DmirrorDevice.create(memory, type));
      devices.add(IntervalDmirror.open(mm.mm(), hardware.get(i)));
    }
  }

  @AfterEach
  final void exit() {
    mm.exit();
    devices.forEach(Dmirror::close);
    assertEquals(0, hardware.stream().mapToInt(DmirrorDevice::pagesInUse).sum());
    hardware.forEach(DmirrorDevice::close);
    MmuNotifiers.of(kernel).synchronize();
    assertEquals(0, mm.mm().mmCount());
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.allocations().live());
    assertEquals(List.of(), kernel.warnings());
  }

  final String variant() {
    return isCoherent() ? "coherent" : "private";
  }

  final boolean isCoherent() {
    return type == MemoryType.DEVICE_COHERENT;
  }

  final Dmirror device() {
    return devices.get(0);
  }

  static long at(int page) {
    return BASE + size(page);
  }

  static long size(int pages) {
    return (long) pages << PAGE_SHIFT;
  }

  final void map(int pages, Prot prot, Mapping mapping) {
    assertEquals(Errno.OK, mm.mmap(at(0), size(pages), prot, mapping));
  }

  /** Maps private anonymous memory and writes to it. */
  final void mapFilled(int pages) {
    map(pages, Prot.READ_WRITE, Mapping.anonPrivate());
    fill(mm, 0, pages);
  }

  /** Maps one huge page's worth of private memory that may be huge. */
  final void mapHuge(Prot prot) {
    map(HUGE, prot, Mapping.anonPrivate());
    assertEquals(Errno.OK, mm.madviseHugepage(at(0), size(HUGE)));
  }

  final void unmap(int first, int pages) {
    assertEquals(Errno.OK, mm.munmap(at(first), size(pages)));
  }

  final void protect(int first, int pages, Prot prot) {
    assertEquals(Errno.OK, mm.mprotect(at(first), size(pages), prot));
  }

  /** What {@link #fill} writes. */
  static int[] filled(int first, int pages) {
    return IntStream.range(first, first + pages).map(page -> FIRST_VALUE + page).toArray();
  }

  /** As {@link #filled}, but other values. */
  static int[] others(int pages) {
    return IntStream.range(0, pages).map(page -> -1 - page).toArray();
  }

  static void fill(FakeMm mm, int first, int pages) {
    store(mm, first, filled(first, pages));
  }

  static void store(FakeMm mm, int first, int[] values) {
    for (int i = 0; i < values.length; i++) {
      assertEquals(Signal.NONE, mm.store(at(first + i), values[i]), "store to page " + (first + i));
    }
  }

  static int[] load(FakeMm mm, int first, int pages) {
    int[] values = new int[pages];
    for (int i = 0; i < pages; i++) {
      CpuLoad load = mm.load(at(first + i));
      assertEquals(Signal.NONE, load.signal(), "load from page " + (first + i));
      values[i] = load.value();
    }
    return values;
  }

  final void assertCpuSees(int first, int... values) {
    assertArrayEquals(values, load(mm, first, values.length));
  }

  static void assertDone(Dmirror.Result result, int pages, int faults) {
    assertEquals(new Dmirror.Result(Errno.OK, pages, faults), result);
  }

  static void assertFails(Errno errno, Dmirror.Result result) {
    assertEquals(new Dmirror.Result(errno, 0, 0), result);
  }

  static void assertReads(Dmirror device, int... values) {
    int[] mirror = new int[values.length];
    assertDone(device.read(at(0), mirror), values.length, 1);
    assertArrayEquals(values, mirror);
  }

  static void assertMoves(Dmirror device, int first, int... values) {
    int[] mirror = new int[values.length];
    assertDone(device.migrateToDevice(at(first), mirror), values.length, 0);
    assertArrayEquals(values, mirror);
  }

  final void assertSnapshot(int... perms) {
    byte[] mirror = new byte[perms.length];
    assertDone(device().snapshot(at(0), mirror), perms.length, 0);
    int[] answer = new int[perms.length];
    for (int i = 0; i < answer.length; i++) {
      answer[i] = Byte.toUnsignedInt(mirror[i]);
    }
    assertArrayEquals(perms, answer);
  }

  final FakeMm fork() {
    FakeMm child = mm.fork();
    assertNotNull(child);
    return child;
  }

  /** Does something in a task of its own and waits for it. */
  final void inTask(String name, Runnable work) {
    Task task = kernel.machine().spawn(name, work);
    task.join();
    assertEquals(Optional.empty(), task.failure());
  }
}

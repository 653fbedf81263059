// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;

/** A process under test: its calls count in pages from a base, and it writes down invalidations. */
final class Process implements MmuNotifierEndOps {

  /** A border of 1 GiB, so of every table but that of the top level. */
  static final long BASE = 0x4000_0000L;

  final Kernel kernel = Kernel.boot();
  final PhysicalMemory memory = PhysicalMemory.create(kernel);
  final FakeMm mm;

  /** One line a call, such as {@code "start CLEAR 3-4"}. */
  final List<String> calls = new ArrayList<>();

  /** Called with each start, in the task that invalidates. */
  Runnable onStart = () -> {};

  private final MmuNotifier notifier;

  Process() {
    this(PageTableGeometry.X86_64);
  }

  Process(PageTableGeometry geometry) {
    mm = FakeMm.create(kernel, memory, geometry);
    notifier = MmuNotifiers.of(kernel).notifier(this);
    assertEquals(Errno.OK, notifier.register(mm.mm()));
  }

  static long at(long page) {
    return BASE + (page << 12);
  }

  static long size(long pages) {
    return pages << 12;
  }

  Errno mmap(long page, long pages, Prot prot, Mapping mapping) {
    return mm.mmap(at(page), size(pages), prot, mapping);
  }

  /** Maps private anonymous memory, readable and writable. */
  void mmap(long page, long pages) {
    assertEquals(Errno.OK, mmap(page, pages, Prot.READ_WRITE, Mapping.anonPrivate()));
  }

  Errno munmap(long page, long pages) {
    return mm.munmap(at(page), size(pages));
  }

  Errno mprotect(long page, long pages, Prot prot) {
    return mm.mprotect(at(page), size(pages), prot);
  }

  Errno mremap(long from, long pages, long to) {
    return mm.mremap(at(from), size(pages), at(to));
  }

  Errno dontneed(long page, long pages) {
    return mm.madviseDontneed(at(page), size(pages));
  }

  Signal store(long page, int value) {
    return mm.store(at(page), value);
  }

  /** Loads a word that can be loaded. */
  int load(long page) {
    CpuLoad load = mm.load(at(page));
    assertEquals(Signal.NONE, load.signal());
    return load.value();
  }

  long pte(long page) {
    return mm.pte(at(page));
  }

  /** Returns the VMAs as {@code "0-4 rwp@0"}; offsets of anonymous memory count from the base. */
  List<String> layout() {
    return mm.vmas().stream().map(Process::text).toList();
  }

  private static String text(FakeVma vma) {
    long offset = vma.pageOffset() - (vma.isAnonymous() ? BASE >> 12 : 0);
    return "%d-%d %s@%d"
        .formatted(
            (vma.start() - BASE) >> 12,
            (vma.end() - BASE) >> 12,
            vma.toString().split(" ", 3)[1],
            offset);
  }

  boolean hasLeaf(long page) {
    return mm.pageTables().pgd(at(page)) == Pte.TABLE
        && mm.pageTables().pud(at(page)) == Pte.TABLE
        && mm.pageTables().pmd(at(page)) == Pte.TABLE;
  }

  /** Returns the calls since the last time. */
  List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** Ends the process and requires that nothing is left. */
  void exit() {
    notifier.unregister();
    mm.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), mm.vmas());
    assertEquals(Pte.NONE, mm.pageTables().pgd(BASE));
    assertEquals(List.of(), kernel.warnings());
    assertEquals(List.of(), kernel.allocations().live());
  }

  @Override
  public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
    calls.add("start " + text(range));
    onStart.run();
    return Errno.OK;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
    calls.add("end " + text(range));
  }

  private static String text(MmuNotifierRange range) {
    return "%s %d-%d"
        .formatted(range.event(), (range.start() - BASE) >> 12, (range.end() - BASE) >> 12);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.driver.MirrorDmirror;
import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.mm.Signal;
import org.hmm4j.testkit.oracle.DriverKind;
import org.hmm4j.testkit.report.PagePicture;
import org.hmm4j.testkit.report.ProcessPages;

/** The process and the device of the demo. Tells each thing that it does, and each invalidation. */
final class DemoProcess {

  /** How many pages the demo uses. */
  static final int PAGES = 4;

  private static final long BASE = 0x4000_0000L;
  private static final int PAGE_SHIFT = 12;
  private static final int FIRST_FILE_WORD = 900;

  private final Narrator narrator;
  private final Kernel kernel;
  private final DriverKind driver;
  private final FakeMm mm;
  private final FakeFile file;
  private final Dmirror device;
  private final MmuIntervalNotifier witness;

  private DemoProcess(DriverKind driver, Narrator narrator) {
    this.narrator = narrator;
    this.driver = driver;
    this.kernel = Kernel.boot();
    PhysicalMemory memory = PhysicalMemory.create(kernel);
    this.mm = FakeMm.create(kernel, memory);
    this.file = FakeFile.create(memory, PAGES);
    for (int page = 0; page < PAGES; page++) {
      file.write(page, FIRST_FILE_WORD + page);
    }
    this.device =
        switch (driver) {
          case INTERVAL -> IntervalDmirror.open(mm.mm(), memory);
          case MIRROR -> MirrorDmirror.open(mm.mm(), memory);
        };
    this.witness = MmuNotifiers.of(kernel).intervalNotifier(this::invalidated);
  }

  static DemoProcess start(DriverKind driver, Narrator narrator) {
    DemoProcess process = new DemoProcess(driver, narrator);
    process.witness.insert(process.mm.mm(), BASE, bytes(PAGES));
    return process;
  }

  private boolean invalidated(MmuIntervalNotifier sub, MmuNotifierRange range, long seq) {
    sub.setSeq(seq);
    boolean all = range.start() == 0;
    String pages = all ? "all pages" : pages(page(range.start()), page(range.end()));
    narrator.event("invalidation of %s: %s, sequence %d".formatted(pages, range.event(), seq));
    return true;
  }

  Kernel kernel() {
    return kernel;
  }

  FakeMm mm() {
    return mm;
  }

  DriverKind driver() {
    return driver;
  }

  static long address(int page) {
    return BASE + bytes(page);
  }

  private static long bytes(int pages) {
    return (long) pages << PAGE_SHIFT;
  }

  private static int page(long address) {
    return (int) ((address - BASE) >> PAGE_SHIFT);
  }

  static String pages(int first, int end) {
    return end - first == 1 ? "page " + first : "pages %d..%d".formatted(first, end - 1);
  }

  void mapAnonymous(int first, int end) {
    narrator.act("mmap(%s, read and write, anonymous, private)".formatted(pages(first, end)));
    Mapping mapping = Mapping.anonPrivate();
    narrator.outcome(mm.mmap(address(first), bytes(end - first), Prot.READ_WRITE, mapping));
  }

  void mapFile(int first, int end) {
    narrator.act("mmap(%s, read and write, a file, private)".formatted(pages(first, end)));
    Mapping mapping = Mapping.filePrivate(file, first);
    narrator.outcome(mm.mmap(address(first), bytes(end - first), Prot.READ_WRITE, mapping));
  }

  void protect(int first, int end) {
    narrator.act("mprotect(%s, read only)".formatted(pages(first, end)));
    narrator.outcome(mm.mprotect(address(first), bytes(end - first), Prot.READ));
  }

  void unmap(int first, int end) {
    narrator.act("munmap(%s)".formatted(pages(first, end)));
    narrator.outcome(mm.munmap(address(first), bytes(end - first)));
  }

  void cpuWrites(int page, int word) {
    narrator.act("the CPU writes %d to page %d".formatted(word, page));
    Signal signal = mm.store(address(page), word);
    narrator.outcome(signal == Signal.NONE ? "done" : signal);
  }

  void cpuReads(int first, int end) {
    narrator.act("the CPU reads " + pages(first, end));
    StringJoiner words = new StringJoiner(" ");
    for (int page = first; page < end; page++) {
      CpuLoad load = mm.load(address(page));
      words.add(
          load.signal() == Signal.NONE ? Integer.toString(load.value()) : load.signal().name());
    }
    narrator.outcome(words);
  }

  void deviceReads(int first, int end) {
    narrator.act("the device reads " + pages(first, end));
    int[] words = new int[end - first];
    Dmirror.Result result = device.read(address(first), words);
    StringJoiner text = new StringJoiner(" ");
    for (int word : words) {
      text.add(Integer.toString(word));
    }
    narrator.outcome(outcome(result, text + ", "));
  }

  void deviceWrites(int first, int... words) {
    StringJoiner text = new StringJoiner(" ");
    for (int word : words) {
      text.add(Integer.toString(word));
    }
    String where = pages(first, first + words.length);
    narrator.act("the device writes %s to %s".formatted(text, where));
    narrator.outcome(outcome(device.write(address(first), words), ""));
  }

  private static String outcome(Dmirror.Result result, String words) {
    return result.errno().isError()
        ? result.errno().name()
        : words + (result.faults() == 0 ? "without a fault" : "after faulting them in");
  }

  void picture() {
    ProcessPages pages = new ProcessPages(mm, BASE, file, List.of(device));
    narrator.show(PagePicture.draw(pages, 0, PAGES, Set.of()));
  }

  void exit() {
    narrator.act("exit");
    mm.exit();
    device.close();
    witness.remove();
    file.close();
    MmuNotifiers.of(kernel).synchronize();
    narrator.outcome(
        "%d page frames in use, %d objects not freed, %d warnings"
            .formatted(
                mm.memory().framesInUse(), kernel.allocations().live().size(), kernel.warnCount()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

/** What happens in the demo, in order. */
final class DemoStory {

  private final DemoProcess process;
  private final Narrator narrator;

  DemoStory(DemoProcess process, Narrator narrator) {
    this.process = process;
    this.narrator = narrator;
  }

  void tell() {
    sharing();
    rights();
    copyOnWrite();
    retry();
    ending();
    narrator.end();
  }

  private void sharing() {
    narrator.chapter(
        "A process maps four pages, and a device opens its address space.",
        "The CPU has touched two of the pages; the device knows none.");
    process.mapAnonymous(0, DemoProcess.PAGES);
    process.cpuWrites(0, 10);
    process.cpuWrites(1, 11);
    process.picture();

    narrator.chapter(
        "The device reads. Its page table is empty, so its driver asks hmm_range_fault,",
        "which faults in what the CPU has not touched: there the zero page.");
    process.deviceReads(0, DemoProcess.PAGES);
    process.deviceReads(0, DemoProcess.PAGES);
    process.picture();

    narrator.chapter(
        "The device writes. For page 2 it needs more than the zero page, which is replaced;",
        "before that, whoever mirrors the page is told to drop it. The CPU sees what was written.");
    process.deviceWrites(1, 21, 22);
    process.cpuReads(0, DemoProcess.PAGES);
    process.picture();
  }

  private void rights() {
    narrator.chapter(
        "The process gives up its right to write. The entries of the device go before those of",
        "the CPU change: it may read again, but no longer write. (Page 2 goes too: the kernel's"
            + " own",
        "test driver, which this one follows, takes the end of an invalidation for inclusive.)");
    process.protect(0, 2);
    process.picture();
    process.deviceReads(0, 2);
    process.deviceWrites(0, 30);
    process.picture();
  }

  private void copyOnWrite() {
    narrator.chapter(
        "A private mapping of a file. The device reads the pages of the file themselves; when",
        "the CPU writes to one it gets a copy, and the device must not go on with the old page.");
    process.mapFile(2, DemoProcess.PAGES);
    process.deviceReads(2, DemoProcess.PAGES);
    process.picture();
    process.cpuWrites(2, 42);
    process.picture();
    process.deviceReads(2, DemoProcess.PAGES);
    process.picture();
  }

  private void retry() {
    narrator.chapter(
        "A race. A driver has asked for page 3, but before it can use the answer the CPU writes",
        "there. So it has to ask, under its own lock, whether the answer still holds.");
    switch (process.driver()) {
      case INTERVAL -> new IntervalRetry(process, narrator).tell();
      case MIRROR -> new MirrorRetry(process, narrator).tell();
    }
  }

  private void ending() {
    narrator.chapter("The memory goes away, and then the process.");
    process.unmap(0, 2);
    process.deviceReads(0, 2);
    process.picture();
    process.exit();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.RuleBrokenError;
import org.hmm4j.testkit.sim.SimWorld;

/**
 * What the scenarios of migration play on: a process with some private pages, devices by name, and
 * an allocation that fails. As {@link Stage}, it needs no locks of its own.
 */
final class MigrationStage {

  private static final PageTableGeometry SMALL = new PageTableGeometry(12, 15, 18, 21, 24);
  private static final int BASE = 8;
  private static final int NONE_FAILS = -1;

  private final int pages;
  private final Kernel kernel;
  private final PhysicalMemory memory;
  private final MigrationProcess process;
  private final Mutex holder;
  private final Map<String, MigrationDevice> devices = new LinkedHashMap<>();
  private int allocationsLeft = NONE_FAILS;
  private boolean failed;
  private boolean forked;
  private int clock;
  private int lastValue;

  MigrationStage(SimWorld world, int pages) {
    this.pages = pages;
    world.options(options -> options.failAllocation(type -> fails()));
    kernel = world.kernel();
    holder = kernel.mutex("page holder");
    memory = PhysicalMemory.create(kernel, 1);
    memory.failAllocation(allocation -> fails());
    FakeMm mm = FakeMm.create(kernel, memory, SMALL);
    mm.mmap(address(0), address(pages) - address(0), Prot.READ_WRITE, Mapping.anonPrivate());
    // The stage itself may look at an mm that has exited.
    mm.mm().mmgrab();
    process = MigrationProcess.fresh(this, mm, pages);
  }

  static long address(int page) {
    return addressOf(BASE + page);
  }

  static long addressOf(long index) {
    return index << SMALL.pageShift();
  }

  private boolean fails() {
    boolean now = allocationsLeft == 0;
    failed |= now;
    allocationsLeft -= allocationsLeft == NONE_FAILS ? 0 : 1;
    return now;
  }

  /** Lets one allocation fail, after so many that go well. */
  void failAllocation(int after) {
    allocationsLeft = after;
  }

  /** Whether an allocation has failed. */
  boolean hasFailed() {
    return failed;
  }

  boolean hasForked() {
    return forked;
  }

  boolean has(int page) {
    return page < pages;
  }

  /** Returns how many of a number of pages from one on are there. */
  int within(int first, int count) {
    return Math.min(count, pages - first);
  }

  PhysicalMemory memory() {
    return memory;
  }

  MigrationProcess process() {
    return process;
  }

  Collection<MigrationDevice> devices() {
    return devices.values();
  }

  void open(String name, MemoryType type) {
    devices.put(name, new MigrationDevice(this, name, type));
  }

  /** Does something with a device, if it was opened. */
  void with(String name, Consumer<MigrationDevice> action) {
    MigrationDevice device = devices.get(name);
    if (device != null) {
      action.accept(device);
    }
  }

  /** Returns the next moment: what began after another ended has a later one. */
  int tick() {
    return ++clock;
  }

  int newValue() {
    return ++lastValue;
  }

  /** Makes a child that does something, and exits. */
  void inChild(Consumer<MigrationProcess> action) {
    forked = true;
    MigrationProcess child = process.fork();
    if (child != null) {
      action.accept(child);
      child.exit();
    }
  }

  /** Somebody has a reference to a page for a while, and its lock: reclaim, or compaction. */
  void hold(int page) {
    PageFrames frames = memory.frames();
    long entry = process.mm().pte(address(page));
    if (!hasPage(entry) || !frames.tryGetPage(Pte.pfn(entry))) {
      return;
    }
    if (frames.tryLockPage(Pte.pfn(entry))) {
      holder.lock();
      holder.unlock();
      frames.unlockPage(Pte.pfn(entry));
    }
    holder.lock();
    holder.unlock();
    frames.putPage(Pte.pfn(entry));
  }

  private static boolean hasPage(long entry) {
    return Pte.isPresent(entry)
        ? (entry & Pte.ZERO) == 0
        : entry != Pte.NONE && Pte.kind(entry) == Pte.DEVICE_PRIVATE;
  }

  /** Checks what has to hold when all tasks are done, and takes everything down. */
  void end() {
    allocationsLeft = NONE_FAILS;
    if (!process.hasExited()) {
      checkOwnership();
      devices.values().forEach(MigrationDevice::checkTable);
      for (int page = 0; page < pages; page++) {
        process.load(page);
      }
    }
    process.exit();
    checkAllFree();
    devices.values().forEach(MigrationDevice::remove);
    process.mm().mm().mmdrop();
    checkAllFree();
  }

  /** Each page is mapped once, unlocked, by nobody else; and there are no others. */
  private void checkOwnership() {
    Set<Long> mapped = new HashSet<>();
    for (int page = 0; page < pages; page++) {
      long entry = process.mm().pte(address(page));
      if (hasPage(entry)) {
        checkPage(page, Pte.pfn(entry));
        RuleBrokenError.unless(
            mapped.add(Pte.pfn(entry)), "I51", "two addresses have page " + page);
      } else {
        boolean empty = entry == Pte.NONE || Pte.isPresent(entry);
        RuleBrokenError.unless(empty, "I51", "page %d is %s".formatted(page, Pte.toString(entry)));
      }
    }
    long used = memory.framesInUse();
    for (MigrationDevice device : devices.values()) {
      used += device.pagesInUse();
    }
    RuleBrokenError.unless(
        used == mapped.size(), "I49", used + " pages are in use, and mapped are " + mapped.size());
  }

  private void checkPage(int page, long pfn) {
    PageFrames frames = memory.frames();
    RuleBrokenError.unless(frames.tryLockPage(pfn), "I49", "page " + page + " is left locked");
    frames.unlockPage(pfn);
    int references = memory.refCount(pfn);
    RuleBrokenError.unless(
        references == 1, "I49", "page %d has %d references".formatted(page, references));
  }

  private void checkAllFree() {
    for (MigrationDevice device : devices.values()) {
      RuleBrokenError.unless(device.pagesInUse() == 0, "I52", "pages are left on " + device);
    }
    RuleBrokenError.unless(memory.framesInUse() == 0, "I49", "pages are left in main memory");
  }
}

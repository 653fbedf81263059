// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.RuleBrokenError;
import org.hmm4j.testkit.sim.SimWorld;

/**
 * What the scenarios of the gallery play on: a process with some pages of memory, and devices by
 * name, made when they are first named. Tasks share it; it has no locks of its own, for only one
 * task runs at a time and none stops within a method that does not enter the kernel.
 */
final class Stage {

  /** Tables of eight entries: the borders of blocks are never far. */
  private static final PageTableGeometry SMALL = new PageTableGeometry(12, 15, 18, 21, 24);

  private static final int BASE = 8;

  final int pages;
  final Subject.Nouveau nouveau;
  final SimWorld world;
  final Kernel kernel;
  final FakeMm process;
  final MmStruct mm;
  final Hmm hmm;
  final MmuNotifiers notifiers;
  final RemoteFaults faults;
  private final PhysicalMemory memory;
  private final Map<String, StageDevice> devices = new LinkedHashMap<>();
  private final Set<Task> refused = new HashSet<>();
  private boolean exited;
  private boolean dying;

  Stage(SimWorld world, int pages, Subject.Nouveau nouveau) {
    this.world = world;
    this.pages = pages;
    this.nouveau = nouveau;
    kernel = world.kernel();
    memory = PhysicalMemory.create(kernel, 1);
    process = FakeMm.create(kernel, memory, SMALL);
    mm = process.mm();
    hmm = Hmm.of(kernel);
    notifiers = MmuNotifiers.of(kernel);
    faults = new RemoteFaults(kernel.machine());
    process.intercept(faults);
    process.mmap(address(0), address(pages) - address(0), Prot.READ_WRITE, Mapping.anonPrivate());
    // The stage itself may look at an mm that has exited.
    mm.mmgrab();
  }

  static long address(int page) {
    return (long) (BASE + page) << SMALL.pageShift();
  }

  static int page(long address) {
    return (int) (address >>> SMALL.pageShift()) - BASE;
  }

  boolean has(int page) {
    return page < pages;
  }

  boolean isReadOnly(int page) {
    return process.vmas().stream()
        .anyMatch(
            vma ->
                vma.start() <= address(page)
                    && address(page) < vma.end()
                    && (vma.flags() & VmFlags.WRITE) == 0);
  }

  /** Finds a device, or makes it. */
  <T extends StageDevice> T device(String name, Class<T> type, Supplier<T> factory) {
    return type.cast(devices.computeIfAbsent(name, key -> factory.get()));
  }

  MirrorDevice mirror(String name) {
    return device(name, MirrorDevice.class, () -> new MirrorDevice(this, name));
  }

  IntervalDevice interval(String name) {
    return device(name, IntervalDevice.class, () -> new IntervalDevice(this, name));
  }

  /** Makes another process, with one page. */
  FakeMm anotherProcess() {
    FakeMm other = FakeMm.create(kernel, memory, SMALL);
    other.mmap(address(0), address(1) - address(0), Prot.READ_WRITE, Mapping.anonPrivate());
    return other;
  }

  /** Does something as a user of the address space; nothing if that has exited. */
  void asUser(Runnable action) {
    if (mm.mmgetNotZero()) {
      try {
        action.run();
      } finally {
        mm.mmput();
      }
    }
  }

  /** An invalidation of which nothing comes, by somebody who holds the mmap lock for read. */
  void invalidate(int page) {
    MmuNotifierRange range =
        MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, address(page), address(page + 1))
            .owner(this);
    mm.mmapLock().readLock();
    try {
      notifiers.invalidateRangeStart(range);
      devices.values().forEach(StageDevice::beforeEnd);
      notifiers.invalidateRangeEnd(range);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  void exit() {
    if (!exited) {
      exited = true;
      process.exit();
    }
  }

  /** Takes the memory of the process; returns whether all of it is gone. */
  boolean oomReap() {
    dying = true;
    return process.oomReap();
  }

  /** Whether faults may fail, because the process is to die. */
  boolean isDying() {
    return dying;
  }

  /** A driver has refused an invalidation that this task runs. */
  void noteRefusal() {
    refused.add(kernel.machine().current());
  }

  boolean takeRefusal() {
    return refused.remove(kernel.machine().current());
  }

  long live(String type) {
    return kernel.allocations().live().stream().filter(a -> a.type().equals(type)).count();
  }

  /** I07: an hmm keeps its mm; without users and without it, only the stage does. */
  void checkHmmHoldsMm() {
    RuleBrokenError.unless(
        live("hmm") == 0 || mm.mmUsers() > 0 || mm.mmCount() > 1,
        "I07",
        "an hmm is there, and does not hold its mm");
  }

  /** A misuse has to be reported. */
  static void mustBeReported(String rule, String what, Runnable misuse) {
    try {
      misuse.run();
    } catch (KernelBug reported) {
      return;
    }
    throw new RuleBrokenError(rule, what + " is not reported");
  }

  /** Checks what has to hold when all tasks are done, and takes everything down. */
  void end() {
    devices.values().forEach(StageDevice::checkAtRest);
    int kept = devices.values().stream().mapToInt(StageDevice::keptRanges).sum();
    RuleBrokenError.unless(live("hmm_range") == kept, "I19", "a range is registered by nobody");
    devices.values().forEach(StageDevice::close);
    exit();
    mm.mmdrop();
    notifiers.synchronize();
  }
}

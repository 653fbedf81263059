// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.junit.jupiter.api.function.Executable;

/** The stage of one card: a kernel, an address space of 64 pages, drivers, tasks. */
final class Scene {

  /** The task that a card itself runs in. */
  static final String MAIN = "card";

  final Subject subject;
  final long patienceMillis;
  final StopMachine machine;
  final Kernel kernel;
  final CardSpace space = new CardSpace();
  final CardTables tables = space.tables;
  final MmStruct mm;
  final Hmm hmm;
  final MmuNotifiers notifiers;

  /** The callbacks of mirrors, in order. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  /** The rule that is looked at now, for the message of a failure. */
  private volatile String rule = "set-up";

  private MmuIntervalNotifier everything;

  Scene(Subject subject, long patienceMillis) {
    this.subject = subject;
    this.patienceMillis = patienceMillis;
    machine = new StopMachine();
    kernel = subject.kernels().boot(KernelOptions.defaults().machine(machine));
    mm = MmStruct.alloc(kernel, space);
    space.mm = mm;
    hmm = Hmm.of(kernel);
    notifiers = MmuNotifiers.of(kernel);
  }

  /** From here on a failure is a breach of this invariant. */
  void rule(String id, String text) {
    rule = id + ", " + text;
  }

  String rule() {
    return rule;
  }

  /** Callbacks that are noted and then do what the card says. */
  final class Driver implements HmmMirrorOps {
    private final String name;
    Function<HmmUpdate, Errno> onSync = update -> Errno.OK;
    Consumer<HmmMirror> onRelease = mirror -> {};

    Driver(String name) {
      this.name = name;
    }

    @Override
    public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
      calls.add("sync " + name);
      return onSync.apply(update);
    }

    @Override
    public void release(HmmMirror mirror) {
      calls.add("release " + name);
      onRelease.accept(mirror);
    }
  }

  Driver driver(String name) {
    return new Driver(name);
  }

  Errno register(HmmMirror mirror) {
    mm.mmapLock().writeLock();
    try {
      return mirror.register(mm);
    } finally {
      mm.mmapLock().writeUnlock();
    }
  }

  HmmMirror mirror(Driver driver) {
    HmmMirror mirror = hmm.mirror(driver);
    assertEquals(Errno.OK, register(mirror), "a mirror registers");
    return mirror;
  }

  HmmMirror mirror(String name) {
    return mirror(driver(name));
  }

  HmmRange range(long firstPage, long endPage) {
    return HmmRange.of(firstPage << CardSpace.PAGE_SHIFT, endPage << CardSpace.PAGE_SHIFT);
  }

  HmmRange registered(HmmMirror mirror, long firstPage, long endPage) {
    HmmRange range = range(firstPage, endPage);
    assertEquals(Errno.OK, mirror.rangeRegister(range), "a range registers");
    return range;
  }

  /** An interval over the whole address space, inserted at the first call. */
  MmuIntervalNotifier everything() {
    if (everything == null) {
      everything =
          notifiers.intervalNotifier(
              (subscription, range, seq) -> {
                subscription.setSeq(seq);
                return true;
              });
      assertEquals(Errno.OK, everything.insert(mm, 0, CardTables.SMALL.taskSize()));
    }
    return everything;
  }

  /** Faults through the interval API. */
  Errno fault(HmmRange range) {
    MmuIntervalNotifier notifier = everything();
    range.notifier(notifier, notifier.readBegin());
    return locked(() -> hmm.rangeFault(range));
  }

  /** Does something under the mmap lock for read, which it has to leave held. */
  Errno locked(Supplier<Errno> call) {
    mm.mmapLock().readLock();
    boolean held = false;
    try {
      Errno errno = call.get();
      assertTrue(mm.mmapLock().isHeld(), () -> errno + ", but the mmap lock was dropped");
      return errno;
    } finally {
      held = mm.mmapLock().isHeld();
      if (held) {
        mm.mmapLock().readUnlock();
      }
    }
  }

  MmuNotifierRange change(long firstPage, long endPage) {
    return MmuNotifierRange.of(
        mm,
        MmuNotifierEvent.CLEAR,
        firstPage << CardSpace.PAGE_SHIFT,
        endPage << CardSpace.PAGE_SHIFT);
  }

  void start(long firstPage, long endPage) {
    notifiers.invalidateRangeStart(change(firstPage, endPage));
  }

  void end(long firstPage, long endPage) {
    notifiers.invalidateRangeEnd(change(firstPage, endPage));
  }

  Errno startNonblock(long firstPage, long endPage) {
    return notifiers.invalidateRangeStartNonblock(change(firstPage, endPage).nonBlockable());
  }

  /** A whole invalidation. */
  void invalidate(long firstPage, long endPage) {
    start(firstPage, endPage);
    end(firstPage, endPage);
  }

  Side other(String name, Runnable body) {
    return new Side(this, name, body);
  }

  /** Stops a task when it first comes to a step on an object with this text. */
  Stop stop(String task, Step step, String object) {
    Stop stop = new Stop(this);
    machine.once(new StopMachine.Place(task, step, object), stop::here);
    return stop;
  }

  /** Comes in when the card itself first comes to a step on an object with this text. */
  void once(Step step, String object, Runnable action) {
    machine.once(new StopMachine.Place(MAIN, step, object), action);
  }

  long live(String type) {
    return kernel.allocations().live().stream().filter(a -> a.type().equals(type)).count();
  }

  List<String> warnings() {
    return kernel.warnings().stream().map(warning -> warning.message()).toList();
  }

  static KernelBug.Rule reported(Executable misuse, String what) {
    return assertThrows(KernelBug.class, misuse, what + " is not reported").rule();
  }

  static void await(CountDownLatch latch, String what, long patienceMillis) {
    try {
      assertTrue(latch.await(patienceMillis, TimeUnit.MILLISECONDS), what);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.testkit.sim.Operation;
import org.hmm4j.testkit.sim.Program;
import org.hmm4j.testkit.sim.RuleBrokenError;
import org.hmm4j.testkit.sim.SimWorld;

/** An address space that is written down, for entries and failures that the fake mm has not. */
final class ScriptedStage {

  private static final long GARBAGE = 0x123;
  private static final int PAGES = 64;

  private final Hmm hmm;
  private final MmuNotifiers notifiers;
  private final MmStruct mm;
  private final CardSpace space = new CardSpace();
  private final Deque<HmmMirror> mirrors = new ArrayDeque<>();
  private final MmuIntervalNotifier everything;
  private boolean inserted;
  private int calls;

  private ScriptedStage(SimWorld world) {
    Kernel kernel = world.kernel();
    mm = MmStruct.alloc(kernel, space);
    space.mm = mm;
    space.vma(0, PAGES, CardSpace.RW);
    hmm = Hmm.of(kernel);
    notifiers = MmuNotifiers.of(kernel);
    everything =
        notifiers.intervalNotifier(
            (subscription, range, seq) -> {
              subscription.setSeq(seq);
              return true;
            });
  }

  /** A program of which no page can be left out: its entries stand at certain places. */
  static Program<ScriptedStage> program() {
    return Program.<ScriptedStage>on(1, (world, pages) -> new ScriptedStage(world))
        .atEnd(ScriptedStage::end);
  }

  /** Puts a huge entry of the second level. */
  static Operation<ScriptedStage> pud(long page, long entry) {
    return new Operation<>("huge pud at " + page, stage -> stage.space.tables.pud(page, entry));
  }

  /** Puts an entry of the third level. */
  static Operation<ScriptedStage> pmd(long page, long entry) {
    return new Operation<>("huge pmd at " + page, stage -> stage.space.tables.pmd(page, entry));
  }

  /** Puts an entry of a page of some device. */
  static Operation<ScriptedStage> devicePage(long page, long entry, Object owner) {
    return new Operation<>(
        "page of another device at " + page,
        stage -> stage.space.tables.pte(page, entry).owner(Pte.pfn(entry), owner));
  }

  /** The next registration is interrupted. */
  static Operation<ScriptedStage> signal() {
    return new Operation<>("signal", stage -> stage.space.onTakeAllLocks = () -> Errno.EINTR);
  }

  /** Asks for pages, and gets each of them. */
  static Operation<ScriptedStage> fault(long first, long end, String rule) {
    return new Operation<>(
        "fault %d-%d".formatted(first, end - 1),
        stage -> {
          HmmRange range = range(first, end).defaultFlags(HmmPfn.REQ_FAULT);
          stage.answer(range, rule);
          for (long entry : range.pfns()) {
            RuleBrokenError.unless(HmmPfn.isValid(entry), rule, "OK, and a page is not there");
          }
        });
  }

  /** Looks at pages that are not there. */
  static Operation<ScriptedStage> look(long first, long end, String rule) {
    return new Operation<>(
        "look at %d-%d".formatted(first, end - 1),
        stage -> {
          HmmRange range = range(first, end);
          Arrays.fill(range.pfns(), GARBAGE);
          stage.answer(range, rule);
          for (long entry : range.pfns()) {
            RuleBrokenError.unless(entry != GARBAGE, rule, "OK, and an entry was not written");
          }
        });
  }

  private static HmmRange range(long first, long end) {
    return HmmRange.of(first << CardSpace.PAGE_SHIFT, end << CardSpace.PAGE_SHIFT);
  }

  private void answer(HmmRange range, String rule) {
    if (!inserted) {
      inserted = true;
      everything.insert(mm, 0, CardTables.SMALL.taskSize());
    }
    range.notifier(everything, everything.readBegin()).devPrivateOwner(this);
    mm.mmapLock().readLock();
    try {
      Errno errno = hmm.rangeFault(range);
      RuleBrokenError.unless(errno == Errno.OK, rule, "answered " + errno);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  /** Registers a mirror; a signal makes that fail, once. */
  static Operation<ScriptedStage> register() {
    return new Operation<>(
        "register a mirror",
        stage -> {
          HmmMirror mirror = stage.hmm.mirror(stage.new Counting());
          stage.mm.mmapLock().writeLock();
          try {
            if (mirror.register(stage.mm) == Errno.OK) {
              stage.mirrors.push(mirror);
            }
          } finally {
            stage.mm.mmapLock().writeUnlock();
          }
          stage.space.onTakeAllLocks = () -> Errno.OK;
        });
  }

  /** I17: a lock that is needed is asserted, also when no race happens. */
  static Operation<ScriptedStage> registerWithoutLock() {
    return new Operation<>(
        "register a mirror without the mmap lock",
        stage ->
            Stage.mustBeReported(
                "I17",
                "registering without the mmap lock",
                () -> stage.hmm.mirror(stage.new Counting()).register(stage.mm)));
  }

  /** Invalidates a page, of which each mirror has to be told. */
  static Operation<ScriptedStage> invalidate(long page, String rule) {
    return new Operation<>(
        "invalidate " + page,
        stage -> {
          int before = stage.calls;
          long start = page << CardSpace.PAGE_SHIFT;
          MmuNotifierRange range =
              MmuNotifierRange.of(
                  stage.mm, MmuNotifierEvent.CLEAR, start, start + (1L << CardSpace.PAGE_SHIFT));
          stage.mm.mmapLock().readLock();
          try {
            stage.notifiers.invalidateRangeStart(range);
            stage.notifiers.invalidateRangeEnd(range);
          } finally {
            stage.mm.mmapLock().readUnlock();
          }
          RuleBrokenError.unless(
              stage.calls - before == stage.mirrors.size(),
              rule,
              "%d mirrors, %d were told".formatted(stage.mirrors.size(), stage.calls - before));
        });
  }

  private final class Counting implements HmmMirrorOps {
    @Override
    public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
      calls++;
      return Errno.OK;
    }

    @Override
    public void release(HmmMirror mirror) {}
  }

  private void end() {
    if (inserted) {
      everything.remove();
    }
    mirrors.forEach(HmmMirror::unregister);
    mm.mmput();
    notifiers.synchronize();
  }
}

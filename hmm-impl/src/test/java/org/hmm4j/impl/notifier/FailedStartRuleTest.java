// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.NotifierProfile;
import org.hmm4j.kernel.Warning;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Vma;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Card X10: what becomes of the others when a list notifier fails a start, in both cores. */
final class FailedStartRuleTest {

  private final List<String> calls = new ArrayList<>();
  private Kernel kernel;
  private MmuNotifiers notifiers;
  private MmStruct mm;

  private void boot(NotifierProfile profile) {
    kernel = Kernel.boot(KernelOptions.defaults().notifierProfile(profile));
    notifiers = MmuNotifiers.of(kernel);
    mm = MmStruct.alloc(kernel, new Nothing());
  }

  /** An address space that only gets invalidated. */
  private static final class Nothing implements AddressSpace {
    @Override
    public Vma findVma(long address) {
      return null;
    }

    @Override
    public PageTables pageTables() {
      throw new AssertionError("nobody walks");
    }

    @Override
    public int handleMmFault(Vma vma, long address, int flags) {
      throw new AssertionError("nobody faults");
    }

    @Override
    public void exitMmap() {}

    @Override
    public void free() {}
  }

  /** Hears of starts only. */
  private final class Starts implements MmuNotifierOps {
    private final String name;
    private final Supplier<Errno> answer;

    Starts(String name, Supplier<Errno> answer) {
      this.name = name;
      this.answer = answer;
    }

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      calls.add(name + " start");
      return answer.get();
    }
  }

  /** Counts what is between start and end, as KVM does. */
  private final class Counter implements MmuNotifierEndOps {
    private final String name;
    private final Supplier<Errno> answer;
    private int open;

    Counter(String name, Supplier<Errno> answer) {
      this.name = name;
      this.answer = answer;
    }

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      calls.add(name + " start");
      Errno errno = answer.get();
      if (errno == Errno.OK) {
        open++;
      }
      return errno;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
      calls.add(name + " end");
      open--;
    }
  }

  private static Errno ok() {
    return Errno.OK;
  }

  private static Errno again() {
    return Errno.EAGAIN;
  }

  private MmuNotifier register(MmuNotifierOps ops) {
    MmuNotifier notifier = notifiers.notifier(ops);
    assertEquals(Errno.OK, notifier.register(mm));
    return notifier;
  }

  private MmuNotifierRange range() {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.UNMAP, 0x1000, 0x2000);
  }

  private Errno startNonblock() {
    return notifiers.invalidateRangeStartNonblock(range().nonBlockable());
  }

  private List<String> warnings() {
    return kernel.warnings().stream().map(Warning::message).toList();
  }

  @Test
  void N136_x10_inTheCoreOf53TheOneThatSucceededIsLeftUnbalanced() {
    boot(NotifierProfile.V5_3);
    Counter kvm = new Counter("kvm", FailedStartRuleTest::ok);
    register(kvm);
    register(new Starts("hmm", FailedStartRuleTest::again));

    assertEquals(Errno.EAGAIN, startNonblock());

    assertEquals(List.of("hmm start", "kvm start"), calls, "all starts, no end");
    assertEquals(1, kvm.open, "the bug of these kernels: its start never ends");
    assertEquals(List.of(), warnings());
    MmuNotifierRange later = range();
    notifiers.invalidateRangeStart(later);
    notifiers.invalidateRangeEnd(later);
    assertEquals(1, kvm.open, "for ever");
  }

  @Test
  void N134_x10_i22_inTheCoreOf61EverybodyIsBalanced() {
    boot(NotifierProfile.V6_1);
    Counter kvm = new Counter("kvm", FailedStartRuleTest::ok);
    register(kvm);
    register(new Starts("hmm", FailedStartRuleTest::again));

    assertEquals(Errno.EAGAIN, startNonblock());

    assertEquals(List.of("hmm start", "kvm start", "kvm end"), calls);
    assertEquals(0, kvm.open);
    assertEquals(List.of(), warnings());
  }

  @Test
  void N136_x10_inTheCoreOf53AStartThatFailsMayComeWithAnEnd() {
    boot(NotifierProfile.V5_3);
    Counter counter = new Counter("a", FailedStartRuleTest::again);
    register(counter);
    assertEquals(Errno.EAGAIN, startNonblock());
    assertEquals(List.of("a start"), calls);
    assertEquals(0, counter.open, "it has undone itself");
    assertEquals(List.of(), warnings());
  }

  @Test
  void N135_x10_inTheCoreOf61ItMustNotAndIsEndedOnceTooOften() {
    boot(NotifierProfile.V6_1);
    Counter counter = new Counter("a", FailedStartRuleTest::again);
    register(counter);
    assertEquals(Errno.EAGAIN, startNonblock());
    assertEquals(List.of("a start", "a end"), calls);
    assertEquals(-1, counter.open);
    assertEquals(1, warnings().size());
    assertTrue(warnings().get(0).contains("wants the ends"), warnings().get(0));
  }

  @ParameterizedTest
  @EnumSource
  void N133_allStartsAreCalledAndTheLastErrorIsTheAnswer(NotifierProfile profile) {
    boot(profile);
    register(new Starts("c", FailedStartRuleTest::again));
    register(new Starts("b", () -> Errno.EBUSY));
    register(new Starts("a", FailedStartRuleTest::ok));
    assertEquals(Errno.EAGAIN, startNonblock());
    assertEquals(List.of("a start", "b start", "c start"), calls);
    assertEquals(1, warnings().size(), "only EAGAIN is an answer");
    KernelBug bug =
        assertThrows(KernelBug.class, () -> notifiers.invalidateRangeEnd(range().nonBlockable()));
    assertEquals(KernelBug.Rule.UNBALANCED_END, bug.rule(), "no start is open");
  }

  @ParameterizedTest
  @EnumSource
  void N137_aStartThatMaySleepIsNotFailed(NotifierProfile profile) {
    boot(profile);
    Counter kvm = new Counter("kvm", FailedStartRuleTest::ok);
    register(kvm);
    register(new Starts("hmm", FailedStartRuleTest::again));
    notifiers.invalidateRangeStart(range());
    assertEquals(1, kvm.open);
    assertEquals(1, warnings().size());
    notifiers.invalidateRangeEnd(range());
    assertEquals(0, kvm.open);
  }

  @ParameterizedTest
  @EnumSource
  void afterAnExceptionEverybodyIsBalancedInBoth(NotifierProfile profile) {
    boot(profile);
    Counter first = new Counter("a", FailedStartRuleTest::ok);
    Counter thrower =
        new Counter(
            "b",
            () -> {
              throw new IllegalStateException("driver bug");
            });
    register(first);
    register(thrower);
    register(new Starts("c", FailedStartRuleTest::again));
    KernelBug bug = assertThrows(KernelBug.class, this::startNonblock);
    assertEquals(KernelBug.Rule.CALLBACK_THREW, bug.rule());
    assertEquals(List.of("c start", "b start", "a start", "a end"), calls);
    assertEquals(0, first.open);
  }

  @ParameterizedTest
  @EnumSource
  void N138_x11_theIntervalsAreBalancedInBoth(NotifierProfile profile) {
    boot(profile);
    MmuIntervalNotifier interval =
        notifiers.intervalNotifier(
            (subscription, range, seq) -> {
              subscription.setSeq(seq);
              return true;
            });
    assertEquals(Errno.OK, interval.insert(mm, 0, 0x10000));
    register(new Starts("hmm", FailedStartRuleTest::again));
    assertEquals(Errno.EAGAIN, startNonblock());
    long seq = interval.readBegin();
    assertTrue(!interval.readRetry(seq));
    interval.remove();
  }
}

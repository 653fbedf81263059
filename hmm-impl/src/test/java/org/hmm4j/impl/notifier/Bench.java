// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.hmm4j.impl.Engine;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.impl.mm.TestAddressSpace;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Warning;
import org.hmm4j.machine.Machine;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.function.Executable;

/**
 * A kernel with one mm, and what tests of notifiers do over and over. {@link #close} ends the mm
 * and requires that nothing is left and that every warning was expected.
 */
final class Bench implements AutoCloseable {

  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  final TestAddressSpace space = new TestAddressSpace();
  final Kernel kernel;
  final NotifierCore core;
  final CountedMm mm;
  private int warningsSeen;

  Bench() {
    this(KernelOptions.defaults());
  }

  Bench(Machine machine) {
    this(KernelOptions.defaults().machine(machine));
  }

  private Bench(KernelOptions options) {
    kernel = new Engine().boot(options.failAllocation(failing::contains));
    core = (NotifierCore) kernel.subsystem(MmuNotifiers.class);
    mm = CountedMm.of(kernel, MmStruct.alloc(kernel, space));
  }

  /** Lets allocations of a type fail. */
  void fail(String type) {
    failing.add(type);
  }

  void failNothing() {
    failing.clear();
  }

  List<String> log() {
    return space.log();
  }

  /** Requires what was logged since the last call. */
  void assertLog(String... expected) {
    assertEquals(List.of(expected), List.copyOf(log()));
    log().clear();
  }

  ListRecorder recorder(String name) {
    return new ListRecorder(this, name);
  }

  ListNotifier register(MmuNotifierOps ops) {
    ListNotifier notifier = core.listNotifier(ops);
    assertEquals(Errno.OK, notifier.register(mm));
    return notifier;
  }

  IntervalNotifier interval(MmuIntervalNotifierOps ops) {
    return (IntervalNotifier) core.intervalNotifier(ops);
  }

  IntervalNotifier insert(MmuIntervalNotifierOps ops, long start, long length) {
    IntervalNotifier notifier = interval(ops);
    assertEquals(Errno.OK, notifier.insert(mm, start, length));
    return notifier;
  }

  MmuNotifierRange range(long start, long end) {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.UNMAP, start, end);
  }

  MmuNotifierRange start(long start, long end) {
    MmuNotifierRange range = range(start, end);
    core.invalidateRangeStart(range);
    return range;
  }

  void end(MmuNotifierRange range) {
    core.invalidateRangeEnd(range);
  }

  IntervalSubscriptions intervals() {
    return Subscriptions.of(mm).intervals();
  }

  /** Requires that no invalidation is counted as running: one more end is refused. */
  void assertIdle() {
    assertEquals(0, intervals().sequence() & 1, "the sequence is odd, the tree is frozen");
    assertBug(KernelBug.Rule.UNBALANCED_END, () -> intervals().end());
  }

  /** Requires that the intervals are in a period in which the tree is frozen. */
  void assertFull() {
    assertEquals(1, intervals().sequence() & 1, "the sequence is even, the tree is not frozen");
  }

  KernelBug assertBug(KernelBug.Rule rule, Executable misuse) {
    KernelBug bug = assertThrows(KernelBug.class, misuse);
    assertEquals(rule, bug.rule(), bug::getMessage);
    return bug;
  }

  /** Requires that there is one more warning, and what it says. */
  void assertWarned(String... parts) {
    List<Warning> warnings = kernel.warnings();
    assertTrue(warnings.size() > warningsSeen, "no warning, expected " + List.of(parts));
    String message = warnings.get(warningsSeen++).message();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  void assertNoWarning() {
    List<Warning> warnings = kernel.warnings();
    assertEquals(List.of(), warnings.subList(warningsSeen, warnings.size()));
  }

  List<String> liveTypes() {
    return kernel.allocations().live().stream().map(Allocation::type).toList();
  }

  @Override
  public void close() {
    if (mm.mmUsers() > 0) {
      mm.mmput();
    }
    assertEquals(List.of(), liveTypes(), "live objects at the end");
    assertNoWarning();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.trace;

import static org.hmm4j.trace.TracePoint.CALLBACK_ENTERED;
import static org.hmm4j.trace.TracePoint.CALLBACK_LEFT;
import static org.hmm4j.trace.TracePoint.INVALIDATION_BEGUN;
import static org.hmm4j.trace.TracePoint.INVALIDATION_ENDED;
import static org.hmm4j.trace.TracePoint.INVALIDATION_FAILED;
import static org.hmm4j.trace.TracePoint.LOCK_ACQUIRED;
import static org.hmm4j.trace.TracePoint.LOCK_CONTENDED;
import static org.hmm4j.trace.TracePoint.LOCK_RELEASED;
import static org.hmm4j.trace.TracePoint.SEQUENCE_CHANGED;
import static org.hmm4j.trace.TracePoint.SEQUENCE_CHECKED;
import static org.hmm4j.trace.TracePoint.SEQUENCE_READ;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.hmm4j.impl.mm.TestAddressSpace;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuIntervalNotifierOps;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.trace.TraceEvent;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.TraceRing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a kernel on real threads reports. */
@Timeout(60)
class KernelTraceTest {

  private static final long START = 0x10000;
  private static final long END = 0x20000;

  private final TraceRing ring = TraceRing.ofCapacity(1024);
  private final Kernel kernel = Kernel.boot(KernelOptions.defaults().trace(ring));

  private List<TracePoint> points() {
    return ring.drain().stream().map(TraceEvent::point).toList();
  }

  /** What is left of these points, in words. */
  private List<String> told(TracePoint... points) {
    Set<TracePoint> wanted = EnumSet.copyOf(List.of(points));
    return ring.drain().stream()
        .filter(event -> wanted.contains(event.point()))
        .map(event -> event.point() + " " + event.detail() + " " + event.from() + ">" + event.to())
        .toList();
  }

  @Test
  void nobodyListensByDefault() {
    assertNull(Kernel.boot().tracer());
  }

  @Test
  void aLockIsTakenAndGivenBack() {
    Mutex mutex = kernel.mutex("m");
    mutex.lock();
    mutex.unlock();
    List<TraceEvent> events = ring.drain();
    assertEquals(
        List.of(LOCK_ACQUIRED, LOCK_RELEASED), events.stream().map(TraceEvent::point).toList());
    TraceEvent first = events.get(0);
    assertSame(mutex, first.object());
    assertSame(kernel.machine().current(), first.task());
    assertEquals("with lock", first.detail().toString());
    assertTrue(first.toString().contains("LOCK_ACQUIRED mutex 'm' (with lock)"), first.toString());
  }

  @Test
  void whoWaitsSaysSoFirst() {
    Mutex mutex = kernel.mutex("m");
    mutex.lock();
    Task other =
        kernel
            .machine()
            .spawn(
                "other",
                () -> {
                  mutex.lock();
                  mutex.unlock();
                });
    List<TraceEvent> events = ring.drain();
    while (events.stream().noneMatch(event -> event.point() == LOCK_CONTENDED)) {
      events = ring.drain();
    }
    assertSame(other, events.get(events.size() - 1).task());
    mutex.unlock();
    other.join();
    List<TracePoint> rest = points();
    assertEquals(LOCK_RELEASED, rest.get(0));
    assertTrue(rest.contains(LOCK_ACQUIRED), rest.toString());
  }

  @Test
  void aDowngradeChangesTheHold() {
    RwSemaphore semaphore = kernel.rwSemaphore("s");
    semaphore.writeLock();
    semaphore.downgradeWrite();
    semaphore.readUnlock();
    assertEquals(
        List.of(
            "LOCK_ACQUIRED for write 0>0",
            "LOCK_RELEASED for write 0>0",
            "LOCK_ACQUIRED for read 0>0",
            "LOCK_RELEASED for read 0>0"),
        told(LOCK_ACQUIRED, LOCK_RELEASED));
  }

  @Test
  void sectionsCountsObjectsWaitsAndWarningsAreReported() {
    Srcu srcu = kernel.srcu("s");
    srcu.readUnlock(srcu.readLock());
    assertEquals(List.of(TracePoint.SRCU_ENTERED, TracePoint.SRCU_LEFT), points());
    Kref kref = kernel.kref("k", () -> {});
    kref.get();
    kref.put();
    kref.put();
    assertEquals(
        List.of("COUNT_CHANGED null 1>2", "COUNT_CHANGED null 2>1", "COUNT_CHANGED null 1>0"),
        told(TracePoint.COUNT_CHANGED));
    Allocation allocation = kernel.allocations().allocate("hmm");
    allocation.free();
    assertEquals(
        List.of("ALLOCATED hmm #1 0>0", "FREED hmm #1 0>0"),
        told(TracePoint.ALLOCATED, TracePoint.FREED));
    kernel.warn("so so");
    assertEquals("so so", ring.drain().get(0).object());
    Completion completion = kernel.completion("c");
    assertEquals(false, completion.waitForTimeout(1));
    TraceEvent wait = ring.drain().get(0);
    assertEquals(TracePoint.WAITS, wait.point());
    assertSame(completion, wait.object());
  }

  private MmStruct mm() {
    return MmStruct.alloc(kernel, new TestAddressSpace());
  }

  @Test
  void anIntervalTellsItsSequenceNumbers() {
    MmStruct mm = mm();
    MmuNotifiers notifiers = MmuNotifiers.of(kernel);
    MmuIntervalNotifier notifier =
        notifiers.intervalNotifier(
            new MmuIntervalNotifierOps() {
              @Override
              public boolean invalidate(
                  MmuIntervalNotifier self, MmuNotifierRange range, long curSeq) {
                self.setSeq(curSeq);
                return true;
              }
            });
    assertEquals(Errno.OK, notifier.insert(mm, START, END - START));
    long seq = notifier.readBegin();
    ring.drain();
    MmuNotifierRange range = MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, START, END);
    notifiers.invalidateRangeStart(range);
    notifiers.invalidateRangeEnd(range);
    assertTrue(notifier.readRetry(seq));
    assertEquals(
        List.of(
            "INVALIDATION_BEGUN " + range + " 0>0",
            "SEQUENCE_CHANGED null 2>3",
            "CALLBACK_ENTERED invalidate 0>0",
            "SEQUENCE_CHANGED null 1>3",
            "CALLBACK_LEFT invalidate 0>0",
            "SEQUENCE_CHANGED null 3>4",
            "INVALIDATION_ENDED " + range + " 0>0",
            "SEQUENCE_CHECKED null 1>3"),
        told(
            INVALIDATION_BEGUN,
            SEQUENCE_CHANGED,
            SEQUENCE_READ,
            SEQUENCE_CHECKED,
            CALLBACK_ENTERED,
            CALLBACK_LEFT,
            INVALIDATION_FAILED,
            INVALIDATION_ENDED));
    notifier.remove();
    mm.mmput();
  }
}

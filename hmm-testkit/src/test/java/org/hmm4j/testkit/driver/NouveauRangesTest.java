// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.FaultInterceptor;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Card P21: a row of the table of {@link NouveauRanges} each. A second release of the mmap lock
 * would be a {@link Rule#BAD_UNLOCK}; a missing one shows afterwards.
 */
final class NouveauRangesTest {

  private static final long BASE = 0x4000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 4;
  private static final long READ = HmmPfn.REQ_FAULT;
  private static final long WRITE = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;

  private final Kernel kernel = Kernel.boot();
  private final MmuNotifiers notifiers = MmuNotifiers.of(kernel);
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm process = FakeMm.create(kernel, memory);
  private final MmStruct mm = process.mm();
  private final HmmMirror mirror = Hmm.of(kernel).mirror((m, update) -> Errno.OK);

  @BeforeEach
  void mapAndRegister() {
    process.mmap(BASE, PAGES * PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
    mm.mmapLock().writeLock();
    assertEquals(Errno.OK, mirror.register(mm));
    mm.mmapLock().writeUnlock();
  }

  @AfterEach
  void nobodyWasWarned() {
    assertEquals(List.of(), kernel.warnings());
  }

  private static HmmRange range(long request) {
    HmmRange range = HmmRange.of(BASE, BASE + PAGES * PAGE);
    Arrays.fill(range.pfns(), request);
    return range;
  }

  private MmuNotifierRange change() {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, BASE, BASE + PAGE);
  }

  private Errno fault(HmmRange range) {
    mm.mmapLock().readLock();
    return NouveauRanges.fault(mirror, range);
  }

  /** The lock was released, the range is on no list, and no user of the address space is left. */
  private void assertGivenUp(int users) {
    assertFalse(mm.mmapLock().isHeld(), "the lock was released inside");
    assertTrue(mm.mmapLock().writeTryLock(), "and nobody else has it");
    mm.mmapLock().writeUnlock();
    assertEquals(users, mm.mmUsers());
    assertEquals(0, liveRanges());
  }

  private long liveRanges() {
    return kernel.allocations().live().stream()
        .map(Allocation::type)
        .filter("hmm_range"::equals)
        .count();
  }

  @Test
  void R256_p21_i16_successKeepsTheLockAndTheRange() {
    process.store(BASE + 3 * PAGE, 1);
    HmmRange range = range(WRITE).defaultFlags(READ).pfnFlagsMask(0);
    range.pfns()[0] = 0;
    assertEquals(Errno.OK, fault(range));
    assertTrue(mm.mmapLock().isHeld());
    assertFalse(mm.mmapLock().isHeldWrite());
    assertTrue(range.valid());
    assertEquals(2, mm.mmUsers());
    assertEquals(Pte.NONE, process.pte(BASE), "default flags are 0, page 0 was not asked for");
    assertTrue(HmmPfn.isWritable(range.pfn(1)), "and each page by its own entry");
    assertTrue(NouveauRanges.done(mirror, range));
    mm.mmapLock().readUnlock();
    assertGivenUp(1);
  }

  @Test
  void R259_p18_doneSaysThatTheRangeWasInvalidated() {
    HmmRange range = range(READ);
    assertEquals(Errno.OK, fault(range));
    notifiers.invalidateRangeStart(change());
    assertFalse(NouveauRanges.done(mirror, range));
    mm.mmapLock().readUnlock();
    notifiers.invalidateRangeEnd(change());
    assertGivenUp(1);
  }

  @Test
  void R256_p21_i16_registrationOfABadRangeReleasesTheLock() {
    assertEquals(Errno.EINVAL, fault(HmmRange.of(BASE, BASE + 100)));
    assertGivenUp(1);
    assertEquals(Errno.EINVAL, fault(HmmRange.of(BASE, BASE)));
    assertGivenUp(1);
  }

  @Test
  void R258_p21_x15_registrationAfterExitReleasesTheLockThatTheRangeDoesNotKnow() {
    process.exit();
    assertEquals(Errno.EFAULT, fault(range(READ)));
    assertGivenUp(0);
    mirror.unregister();
  }

  @Test
  void R257_p20_i19_whenTheTimeIsUpTheRangeIsUnregistered() {
    notifiers.invalidateRangeStart(change());
    long begun = kernel.machine().nanoTime();
    assertEquals(Errno.EBUSY, fault(range(READ)));
    long waited = kernel.machine().nanoTime() - begun;
    assertTrue(waited >= NouveauRanges.TIMEOUT_MILLIS * 1_000_000, waited + " ns");
    assertGivenUp(1);
    notifiers.invalidateRangeEnd(change());
    process.exit();
    mirror.unregister();
    notifiers.synchronize();
    assertEquals(0, mm.mmCount(), "nothing keeps the address space");
    assertEquals(List.of(), kernel.allocations().live());
  }

  @Test
  void R256_p19_p21_i16_anInvalidationWhileFaultingIsEbusy() {
    AtomicInteger faults = new AtomicInteger();
    process.intercept(
        (vma, address, flags) -> {
          if (faults.getAndIncrement() == 0) {
            notifiers.invalidateRangeStart(change());
          }
          return 0;
        });
    assertEquals(Errno.EBUSY, fault(range(READ)));
    assertGivenUp(1);
    notifiers.invalidateRangeEnd(change());
    HmmRange again = range(READ);
    assertEquals(Errno.OK, fault(again));
    assertTrue(NouveauRanges.done(mirror, again));
    mm.mmapLock().readUnlock();
  }

  @Test
  void R256_p21_i16_eagainWasReleasedByTheFaultHandler() {
    process.intercept((vma, address, flags) -> VmFault.RETRY);
    mm.mmapLock().readLock();
    assertEquals(Errno.EAGAIN, NouveauRanges.faultAllowRetry(mirror, range(READ)));
    assertGivenUp(1);
  }

  @Test
  void p05_i16_withoutLeaveTheFaultHandlerKeepsTheLock() {
    process.intercept((vma, address, flags) -> VmFault.RETRY);
    HmmRange range = range(READ);
    assertEquals(Errno.OK, fault(range));
    assertTrue(mm.mmapLock().isHeld());
    NouveauRanges.done(mirror, range);
    mm.mmapLock().readUnlock();
  }

  @Test
  void allowRetryThatDoesNotRetryIsASuccessLikeAnyOther() {
    HmmRange range = range(READ);
    mm.mmapLock().readLock();
    assertEquals(Errno.OK, NouveauRanges.faultAllowRetry(mirror, range));
    assertTrue(NouveauRanges.done(mirror, range));
    mm.mmapLock().readUnlock();
    assertGivenUp(1);
  }

  @Test
  void R256_p21_i16_everyOtherErrorReleasesTheLock() {
    process.mprotect(BASE, PAGE, Prot.READ);
    assertEquals(Errno.EPERM, fault(range(WRITE)));
    assertGivenUp(1);
    process.munmap(BASE, PAGE);
    assertEquals(Errno.EFAULT, fault(range(READ)));
    assertGivenUp(1);
    process.mmap(BASE, PAGE, Prot.READ_WRITE, Mapping.anonPrivate());
    process.intercept((vma, address, flags) -> VmFault.SIGBUS);
    assertEquals(Errno.EFAULT, fault(range(READ)));
    assertGivenUp(1);
  }

  @Test
  void p12_theExitMayRunInsideWhereTheLockIsReleasedAlready() {
    process.intercept(
        (vma, address, flags) -> {
          kernel.machine().spawn("exit", process::exit).join();
          assertEquals(1, mm.mmUsers(), "only the range is left");
          return VmFault.SIGBUS;
        });
    assertEquals(Errno.EFAULT, fault(range(READ)));
    assertGivenUp(0);
    mirror.unregister();
    notifiers.synchronize();
    assertEquals(0, mm.mmCount());
  }

  @Test
  void R260_anExceptionReleasesTheLockAndTheRangeToo() {
    FaultInterceptor thrower =
        (vma, address, flags) -> {
          throw new IllegalStateException("fault handler bug");
        };
    process.intercept(thrower);
    assertThrows(IllegalStateException.class, () -> fault(range(READ)));
    assertGivenUp(1);
    process.intercept(
        (vma, address, flags) -> {
          mm.mmapLock().readUnlock();
          throw new IllegalStateException("fault handler bug");
        });
    assertThrows(IllegalStateException.class, () -> fault(range(READ)));
    assertGivenUp(1);
  }

  @Test
  void misuseChangesNothing() {
    HmmRange range = range(READ);
    assertBug(Rule.LOCK_NOT_HELD, () -> NouveauRanges.fault(mirror, range));
    HmmMirror never = Hmm.of(kernel).mirror((m, update) -> Errno.OK);
    assertBug(Rule.NOT_REGISTERED, () -> NouveauRanges.fault(never, range));
    assertEquals(Errno.OK, mirror.rangeRegister(range));
    mm.mmapLock().readLock();
    assertBug(Rule.ALREADY_REGISTERED, () -> NouveauRanges.fault(mirror, range));
    assertTrue(mm.mmapLock().isHeld());
    assertTrue(range.valid());
    mm.mmapLock().readUnlock();
    mirror.rangeUnregister(range);
  }

  private static void assertBug(Rule rule, Runnable misuse) {
    KernelBug bug = assertThrows(KernelBug.class, misuse::run);
    assertEquals(rule, bug.rule(), bug::getMessage);
  }
}

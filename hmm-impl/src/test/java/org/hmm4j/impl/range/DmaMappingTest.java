// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.DmaDevice;
import org.hmm4j.range.DmaDirection;
import org.hmm4j.range.DmaResult;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code hmm_range_dma_map} and {@code hmm_range_dma_unmap}: semantics 4.13. */
final class DmaMappingTest {

  private static final int PAGES = 6;
  private static final long END = PAGES * LeafAddressSpace.PAGE;

  private final Kernel kernel = Kernel.boot();
  private final LeafAddressSpace space = new LeafAddressSpace(kernel);
  private final MmStruct mm = space.mm;
  private final HmmMirror mirror = Hmm.of(kernel).mirror((m, update) -> Errno.OK);
  private final Bus bus = new Bus();
  private final long[] daddrs = new long[PAGES];
  private HmmRange range;

  /** A bus that keeps a ledger: what is mapped now, and each call. Its first address is 0. */
  private static final class Bus implements DmaDevice {
    private final Map<Long, DmaDirection> mapped = new TreeMap<>();
    private final List<String> calls = new ArrayList<>();
    private LongPredicate refuses = pfn -> false;
    private Runnable onMap = () -> {};
    private Runnable onUnmap = () -> {};
    private long next;

    @Override
    public long mapPage(long pfn, DmaDirection direction) {
      calls.add("map " + Long.toHexString(pfn) + " " + direction);
      onMap.run();
      if (refuses.test(pfn)) {
        return MAPPING_ERROR;
      }
      long address = next;
      next += LeafAddressSpace.PAGE;
      mapped.put(address, direction);
      return address;
    }

    @Override
    public void unmapPage(long dmaAddress, DmaDirection direction) {
      calls.add("unmap " + Long.toHexString(dmaAddress) + " " + direction);
      assertEquals(direction, mapped.remove(dmaAddress), "mapped once, in the same direction");
      onUnmap.run();
    }
  }

  /** Pages 0 and 3 are there to read, 1 and 4 to write too; 2 and 5 are not there. */
  @BeforeEach
  void openMirror() {
    for (int page : List.of(0, 3)) {
      space.entries[page] = Pte.present(0x10 + page, 0);
      space.entries[page + 1] = Pte.present(0x11 + page, Pte.WRITE);
    }
    mm.mmapLock().writeLock();
    assertEquals(Errno.OK, mirror.register(mm));
    mm.mmapLock().writeUnlock();
    range = HmmRange.of(0, END);
    assertEquals(Errno.OK, mirror.rangeRegister(range));
  }

  @AfterEach
  void nothingIsHeldAndNobodyWasWarned() {
    assertFalse(mm.mmapLock().isHeld());
    assertEquals(List.of(), kernel.warnings());
  }

  private DmaResult locked(Supplier<DmaResult> call) {
    mm.mmapLock().readLock();
    try {
      return call.get();
    } finally {
      assertTrue(mm.mmapLock().isHeld(), "the lock is kept");
      mm.mmapLock().readUnlock();
    }
  }

  private DmaResult map() {
    return locked(() -> mirror.dmaMap(range, bus, daddrs));
  }

  private MmuNotifierRange change() {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, 0, END);
  }

  private void assertNothingMapped() {
    assertEquals(Map.of(), bus.mapped);
    assertArrayEquals(new long[PAGES], daddrs);
    assertArrayEquals(new long[PAGES], range.pfns());
    assertEquals(DmaResult.of(0), mirror.dmaUnmap(range, bus, daddrs, true), "so none to unmap");
    assertEquals(List.of(), space.dirty);
  }

  @Test
  void R248_i60_pagesThatAreThereAreMappedInTheirDirection() {
    daddrs[2] = 77;
    assertEquals(DmaResult.of(4), map());
    assertEquals(
        List.of(
            "map 10 TO_DEVICE", "map 11 BIDIRECTIONAL", "map 13 TO_DEVICE", "map 14 BIDIRECTIONAL"),
        bus.calls);
    assertArrayEquals(new long[] {0, 0x1000, 0, 0x2000, 0x3000, 0}, daddrs);
    assertEquals(0x11 | HmmPfn.VALID | HmmPfn.WRITE, range.pfn(1));
  }

  @Test
  void R252_i60_asManyAreUnmappedAsWereMapped() {
    assertEquals(DmaResult.of(4), map());
    mirror.rangeUnregister(range);
    assertEquals(DmaResult.of(4), mirror.dmaUnmap(range, bus, daddrs, false));
    assertEquals("unmap 0 TO_DEVICE", bus.calls.get(4), "0 is an address like any other");
    assertNothingMapped();
  }

  @Test
  void R254_dirtyMarksThePagesThatTheDeviceCouldWrite() {
    map();
    assertEquals(DmaResult.of(4), mirror.dmaUnmap(range, bus, daddrs, true));
    assertEquals(List.of(0x11L, 0x14L), space.dirty);
  }

  @Test
  void R248_whatIsRequestedIsFaultedInFirst() {
    range.defaultFlags(HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE);
    assertEquals(DmaResult.of(PAGES), map());
    assertEquals(PAGES, bus.mapped.size());
    assertTrue(bus.mapped.values().stream().allMatch(DmaDirection.BIDIRECTIONAL::equals));
  }

  @Test
  void R249_noPageAtAllIsASuccess() {
    HmmRange hole = HmmRange.of(2 * LeafAddressSpace.PAGE, 3 * LeafAddressSpace.PAGE);
    assertEquals(Errno.OK, mirror.rangeRegister(hole));
    assertEquals(DmaResult.of(0), locked(() -> mirror.dmaMap(hole, bus, new long[1])));
  }

  @Test
  void R250_i60_aMappingErrorIsEfaultAndUndoesTheOthers() {
    bus.refuses = pfn -> pfn == 0x14;
    assertEquals(DmaResult.failed(Errno.EFAULT), map());
    assertEquals(
        List.of("unmap 0 TO_DEVICE", "unmap 1000 BIDIRECTIONAL", "unmap 2000 TO_DEVICE"),
        bus.calls.subList(4, bus.calls.size()));
    assertNothingMapped();
  }

  @Test
  void R250_i60_aMappingErrorOfTheFirstPageHasNothingToUndo() {
    bus.refuses = pfn -> true;
    assertEquals(DmaResult.failed(Errno.EFAULT), map());
    assertEquals(List.of("map 10 TO_DEVICE"), bus.calls);
    assertNothingMapped();
  }

  @Test
  void R250_i60_anInvalidationWhileMappingIsEbusyAndUndoesTheOthers() {
    bus.onMap =
        () -> {
          if (bus.calls.size() == 2) {
            MmuNotifiers.of(kernel).invalidateRangeStart(change());
          }
        };
    assertEquals(DmaResult.failed(Errno.EBUSY), map());
    assertEquals(
        List.of(
            "map 10 TO_DEVICE",
            "map 11 BIDIRECTIONAL",
            "unmap 0 TO_DEVICE",
            "unmap 1000 BIDIRECTIONAL"),
        bus.calls);
    assertNothingMapped();
    MmuNotifiers.of(kernel).invalidateRangeEnd(change());
    assertEquals(DmaResult.of(4), map(), "and again");
  }

  @Test
  void R251_anInvalidationBeforeItIsEbusyWithNothingTouched() {
    daddrs[0] = 77;
    MmuNotifiers.of(kernel).invalidateRangeStart(change());
    assertEquals(DmaResult.failed(Errno.EBUSY), map());
    assertEquals(List.of(), bus.calls);
    assertEquals(77, daddrs[0]);
    MmuNotifiers.of(kernel).invalidateRangeEnd(change());
  }

  @Test
  void R251_theErrorOfTheFaultIsTheAnswer() {
    HmmRange beyond = HmmRange.of(LeafAddressSpace.PAGES * LeafAddressSpace.PAGE, 0x20_1000);
    beyond.defaultFlags(HmmPfn.REQ_FAULT);
    assertEquals(Errno.OK, mirror.rangeRegister(beyond));
    assertEquals(
        DmaResult.failed(Errno.EFAULT), locked(() -> mirror.dmaMap(beyond, bus, new long[1])));
    assertEquals(List.of(), bus.calls);
  }

  @Test
  void R245_p05_i16_eagainMeansThatTheLockWasDropped() {
    space.dropsTheLock = true;
    range.defaultFlags(HmmPfn.REQ_FAULT);
    mm.mmapLock().readLock();
    assertEquals(DmaResult.failed(Errno.EAGAIN), mirror.dmaMapAllowRetry(range, bus, daddrs));
    assertFalse(mm.mmapLock().isHeld());
    assertEquals(List.of(), bus.calls);
    assertEquals(DmaResult.of(PAGES), map(), "without leave to drop it, it is kept");
  }

  @Test
  void R255_i60_aDeviceThatThrowsLeavesNothingMapped() {
    bus.onMap =
        () -> {
          if (bus.calls.size() == 3) {
            throw new IllegalStateException("device bug");
          }
        };
    KernelBug bug = assertThrows(KernelBug.class, this::map);
    assertEquals(Rule.CALLBACK_THREW, bug.rule());
    assertNothingMapped();
  }

  @Test
  void R255_i60_aDeviceThatThrowsWhileUnmappingIsStillAskedForTheOthers() {
    map();
    bus.onUnmap =
        () -> {
          throw new IllegalStateException("device bug");
        };
    KernelBug bug = assertThrows(KernelBug.class, () -> mirror.dmaUnmap(range, bus, daddrs, false));
    assertEquals(Rule.CALLBACK_THREW, bug.rule());
    assertEquals(3, bug.getSuppressed().length);
    bus.onUnmap = () -> {};
    assertNothingMapped();
  }

  @Test
  void R253_unmapRefusesAnEmptyRangeAndNoArray() {
    HmmRange empty = HmmRange.of(END, END);
    assertEquals(DmaResult.failed(Errno.EINVAL), mirror.dmaUnmap(empty, bus, new long[0], false));
    HmmRange backwards = HmmRange.of(END, 0);
    assertEquals(
        DmaResult.failed(Errno.EINVAL), mirror.dmaUnmap(backwards, bus, new long[0], false));
    assertEquals(DmaResult.failed(Errno.EINVAL), mirror.dmaUnmap(range, bus, null, false));
  }

  @Test
  void misuseIsReportedBeforeAnythingIsDone() {
    long[] tooShort = new long[PAGES - 1];
    assertThrows(
        IllegalArgumentException.class, () -> mirror.dmaUnmap(range, bus, tooShort, false));
    assertThrows(
        IllegalArgumentException.class, () -> locked(() -> mirror.dmaMap(range, bus, tooShort)));
    assertThrows(
        NullPointerException.class, () -> locked(() -> mirror.dmaMap(range, null, daddrs)));
    assertBug(Rule.LOCK_NOT_HELD, () -> mirror.dmaMap(range, bus, daddrs));
    HmmRange other = HmmRange.of(0, END);
    assertBug(Rule.NOT_REGISTERED, () -> locked(() -> mirror.dmaMap(other, bus, daddrs)));
    HmmMirror never = Hmm.of(kernel).mirror((m, update) -> Errno.OK);
    assertBug(Rule.NOT_REGISTERED, () -> never.dmaUnmap(range, bus, daddrs, false));
    mirror.rangeUnregister(range);
    assertBug(Rule.USE_AFTER_FREE, () -> locked(() -> mirror.dmaMap(range, bus, daddrs)));
    mirror.unregister();
    assertBug(Rule.USE_AFTER_FREE, () -> mirror.dmaUnmap(range, bus, daddrs, false));
    assertEquals(List.of(), bus.calls);
  }

  private static void assertBug(Rule rule, Runnable misuse) {
    KernelBug bug = assertThrows(KernelBug.class, misuse::run);
    assertEquals(rule, bug.rule(), bug::getMessage);
  }

  @Test
  void aResultIsPagesOrAnError() {
    assertThrows(IllegalArgumentException.class, () -> new DmaResult(Errno.EBUSY, 1));
    assertThrows(IllegalArgumentException.class, () -> DmaResult.of(-1));
    assertThrows(NullPointerException.class, () -> DmaResult.failed(null));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.hmm4j.impl.range.ScriptedAddressSpace.Fault;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.function.Executable;

/** A kernel with one scripted address space, and the short words the tests are written in. */
final class Bench {

  static final long REQ = HmmPfn.REQ_FAULT;
  static final long REQ_RW = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;
  static final long V = HmmPfn.VALID;
  static final long VW = HmmPfn.VALID | HmmPfn.WRITE;
  static final long ERR = HmmPfn.ERROR;
  static final int REMOTE = FaultFlags.REMOTE;
  static final int REMOTE_WRITE = FaultFlags.REMOTE | FaultFlags.WRITE;

  final Kernel kernel;
  final ScriptedAddressSpace space;
  final ScriptedPageTables tables;
  final MmStruct mm;
  final Hmm hmm;
  final MmuNotifiers notifiers;

  private MmuIntervalNotifier everything;

  Bench() {
    this(ScriptedAddressSpace.SMALL, KernelOptions.defaults());
  }

  Bench(PageTableGeometry geometry, KernelOptions options) {
    kernel = Kernel.boot(options);
    space = new ScriptedAddressSpace(geometry);
    tables = space.tables;
    mm = MmStruct.alloc(kernel, space);
    space.bind(mm);
    hmm = Hmm.of(kernel);
    notifiers = MmuNotifiers.of(kernel);
  }

  /** An interval notifier over the whole address space, inserted at the first call. */
  MmuIntervalNotifier everything() {
    if (everything == null) {
      everything =
          notifiers.intervalNotifier(
              (subscription, range, seq) -> {
                subscription.setSeq(seq);
                return true;
              });
      assertEquals(Errno.OK, everything.insert(mm, 0, tables.geometry().taskSize()));
    }
    return everything;
  }

  /** A range over pages. */
  HmmRange range(long firstPage, long endPage) {
    int shift = tables.geometry().pageShift();
    return HmmRange.of(firstPage << shift, endPage << shift, shift);
  }

  long at(long page) {
    return page << tables.geometry().pageShift();
  }

  /** Calls the interval API as a driver does, and looks that the lock is still held after it. */
  Errno fault(HmmRange range) {
    MmuIntervalNotifier notifier = everything();
    range.notifier(notifier, notifier.readBegin());
    return locked(() -> hmm.rangeFault(range));
  }

  /** Something done under the mmap lock for read, which has to be held still afterwards. */
  Errno locked(Supplier<Errno> call) {
    mm.mmapLock().readLock();
    try {
      return call.get();
    } finally {
      assertTrue(mm.mmapLock().isHeld());
      assertFalse(mm.mmapLock().isHeldWrite());
      mm.mmapLock().readUnlock();
    }
  }

  /** One pass of the walk, to look at where it stopped. */
  Pass pass(HmmRange range) {
    mm.mmapLock().readLock();
    try {
      HmmVmaWalk walk =
          new HmmVmaWalk(
              space, range, Requests.of(range), BlockFault.keepingLock(space), kernel.machine());
      return new Pass(walk.walk(), walk.last() >>> tables.geometry().pageShift());
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  /** The result of one pass and the page where the next one would begin. */
  record Pass(Errno errno, long lastPage) {}

  MmuNotifierRange change(long firstPage, long endPage) {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.CLEAR, at(firstPage), at(endPage));
  }

  /** The faults so far as pages in words: {@code [3:r, 4:w]}. */
  List<String> faults() {
    List<String> words = new ArrayList<>();
    for (Fault fault : space.faults) {
      assertEquals(REMOTE, fault.flags() & ~FaultFlags.WRITE);
      boolean write = (fault.flags() & FaultFlags.WRITE) != 0;
      words.add((fault.page() >>> tables.geometry().pageShift()) + (write ? ":w" : ":r"));
    }
    return words;
  }

  static List<String> faults(int firstPage, int endPage, String kind) {
    List<String> words = new ArrayList<>();
    for (int page = firstPage; page < endPage; page++) {
      words.add(page + ":" + kind);
    }
    return words;
  }

  static KernelBug assertBug(KernelBug.Rule rule, Executable call) {
    KernelBug bug = assertThrows(KernelBug.class, call);
    assertEquals(rule, bug.rule(), bug.getMessage());
    return bug;
  }

  /** A word for each entry, so that a failing comparison can be read. */
  static List<String> words(long... entries) {
    List<String> words = new ArrayList<>();
    for (long entry : entries) {
      words.add(Long.toHexString(entry));
    }
    return words;
  }

  static void assertPfns(HmmRange range, long... entries) {
    assertEquals(words(entries), words(range.pfns()));
  }

  /** Several times the same entry. */
  static List<String> times(int count, long entry) {
    return Collections.nCopies(count, Long.toHexString(entry));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;

/**
 * Goes over the entries of one leaf table: the loop of {@code hmm_vma_walk_pmd} with {@code
 * hmm_vma_handle_pte}, mm/hmm.c, Linux 6.1.
 *
 * <p>The table is read without its lock. An entry may change under the walk; the invalidation that
 * comes with the change makes the reader begin again.
 */
final class PteWalk {

  /** READ_ONCE: each entry is read exactly once, in one piece. */
  private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(long[].class);

  /** An entry with no other of these bits than PRESENT is a page of memory, like most are. */
  private static final long PLAIN_BITS = Pte.PRESENT | Pte.PROTNONE | Pte.SPECIAL;

  private static final long PLAIN_ANSWER = HmmPfn.VALID | HmmPfn.WRITE | Pte.PFN_MASK;

  private final PageTables tables;
  private final Requests requests;
  private final Object devPrivateOwner;
  private final Machine machine;
  private final boolean explores;

  /** What {@link #walk} stopped for. */
  private int need;

  private long needAddress;

  PteWalk(PageTables tables, Requests requests, Object devPrivateOwner, Machine machine) {
    this.tables = tables;
    this.requests = requests;
    this.devPrivateOwner = devPrivateOwner;
    this.machine = machine;
    this.explores = machine.explores();
  }

  /**
   * Answers page after page until one has to be faulted in, waited for, or can't be had.
   *
   * @return OK when all pages were answered or {@link #need()} says that one, and with it the rest
   *     of the block, has to be faulted in; EBUSY at a migration entry that has to be waited for;
   *     EFAULT
   */
  Errno walk(long[] table, long address, long end) {
    need = NeedFault.NONE;
    long[] pfns = requests.pfns();
    long defaultFlags = requests.defaultFlags();
    long pfnFlagsMask = requests.pfnFlagsMask();
    int first = requests.index(address);
    int count = requests.index(end) - first;
    int entry = tables.geometry().pteIndex(address);
    for (int i = 0; i < count; i++) {
      if (explores) {
        machine.preemptionPoint(Step.WALK, table);
      }
      long pte = (long) ENTRIES.getOpaque(table, entry + i);
      long request = (pfns[first + i] & pfnFlagsMask) | defaultFlags;
      // Request and entry have the fault and write bits in the same place, fault in the sign bit:
      // negative means that a write is asked for and the entry does not allow it.
      if ((pte & PLAIN_BITS) == Pte.PRESENT && (request & (request << 1) & ~(pte << 1)) >= 0) {
        pfns[first + i] = pte & PLAIN_ANSWER;
        continue;
      }
      long page = address + ((long) i << tables.geometry().pageShift());
      Errno errno = Pte.isPresent(pte) ? present(pte, first + i) : notPresent(pte, first + i);
      if (errno != Errno.OK || need != NeedFault.NONE) {
        needAddress = page;
        return errno;
      }
    }
    return Errno.OK;
  }

  /** What the entry at {@link #needAddress()} has to be faulted in for, if at all. */
  int need() {
    return need;
  }

  /** The page at which {@link #walk} stopped. */
  long needAddress() {
    return needAddress;
  }

  private Errno present(long pte, int index) {
    long cpuFlags = cpuFlags(pte);
    need = requests.need(index, cpuFlags);
    if (need != NeedFault.NONE) {
      return Errno.OK;
    }
    if ((pte & (Pte.SPECIAL | Pte.ZERO | Pte.DEVMAP)) == Pte.SPECIAL) {
      if (requests.need(index, 0) != NeedFault.NONE) {
        return Errno.EFAULT;
      }
      requests.pfns()[index] = HmmPfn.ERROR;
      return Errno.OK;
    }
    requests.pfns()[index] = Pte.pfn(pte) | cpuFlags;
    return Errno.OK;
  }

  private Errno notPresent(long pte, int index) {
    long kind = Pte.kind(pte);
    if (kind == Pte.DEVICE_PRIVATE && isOwn(pte)) {
      // Reported as it is, even where a write is asked for and the entry is read-only.
      requests.pfns()[index] = Pte.pfn(pte) | HmmPfn.VALID | (pte & Pte.WRITE);
      return Errno.OK;
    }
    int wanted = requests.need(index, 0);
    if (wanted == NeedFault.NONE) {
      requests.pfns()[index] = 0;
      return Errno.OK;
    }
    if (kind == Pte.NONE
        || kind == Pte.MARKER
        || kind == Pte.SWAP
        || kind == Pte.DEVICE_PRIVATE
        || kind == Pte.DEVICE_EXCLUSIVE) {
      need = wanted;
      return Errno.OK;
    }
    return kind == Pte.MIGRATION ? Errno.EBUSY : Errno.EFAULT;
  }

  private boolean isOwn(long pte) {
    return devPrivateOwner != null && tables.devicePrivateOwner(Pte.pfn(pte)) == devPrivateOwner;
  }

  /** {@code pte_to_hmm_pfn_flags}: nothing while the CPU may not access the page either. */
  static long cpuFlags(long entry) {
    if (!Pte.isPresent(entry) || (entry & Pte.PROTNONE) != 0) {
      return 0;
    }
    return HmmPfn.VALID | (entry & Pte.WRITE);
  }
}

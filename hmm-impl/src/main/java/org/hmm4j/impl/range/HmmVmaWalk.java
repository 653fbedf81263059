// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/**
 * One pass over the VMAs and tables of a range: {@code walk_page_range} of mm/pagewalk.c with the
 * {@code hmm_vma_walk_*} callbacks of mm/hmm.c, Linux 6.1.
 *
 * <p>It goes block by block. A block never crosses the border of a VMA, of the range or of a table
 * entry, except that a hole without a VMA is one block. For each block it either writes the answers
 * or stops with a result, having set {@link #last()} to the first address whose entry still holds
 * its request.
 */
final class HmmVmaWalk {

  private final AddressSpace addressSpace;
  private final PageTables tables;
  private final PageTableGeometry geometry;
  private final Requests requests;
  private final BlockFault fault;
  private final PteWalk ptes;
  private final Machine machine;
  private final long end;
  private long last;

  HmmVmaWalk(
      AddressSpace addressSpace,
      HmmRange range,
      Requests requests,
      BlockFault fault,
      Machine machine) {
    this.addressSpace = addressSpace;
    this.tables = addressSpace.pageTables();
    this.geometry = tables.geometry();
    this.requests = requests;
    this.fault = fault;
    this.machine = machine;
    this.ptes = new PteWalk(tables, requests, range.devPrivateOwner(), machine);
    this.end = range.end();
    this.last = range.start();
  }

  /** Where the next pass has to begin: entries below are answers, the others still requests. */
  long last() {
    return last;
  }

  /**
   * Walks from {@link #last()} to the end of the range.
   *
   * @return OK when everything is answered; EBUSY when something was faulted in or waited for: walk
   *     again; EAGAIN when the mmap lock was dropped; or EPERM, EFAULT
   */
  Errno walk() {
    long address = last;
    Errno errno = Errno.OK;
    Vma vma = addressSpace.findVma(address);
    while (address < end && errno == Errno.OK) {
      machine.preemptionPoint(Step.WALK, addressSpace);
      if (vma == null || address < vma.start()) {
        long next = vma == null ? end : Math.min(end, vma.start());
        errno = outsideVmas(address, next);
        address = next;
      } else {
        long next = Math.min(end, vma.end());
        errno = walkVma(vma, address, next);
        address = next;
        vma = address < end ? addressSpace.findVma(address) : null;
      }
    }
    return errno;
  }

  /** Row 1: nothing can be there. */
  private Errno outsideVmas(long address, long end) {
    return inaccessible(address, end, HmmPfn.ERROR);
  }

  /** Row 2, {@code hmm_vma_walk_test}, and below it the tables. */
  private Errno walkVma(Vma vma, long address, long end) {
    if ((vma.flags() & (VmFlags.IO | VmFlags.PFNMAP)) != 0 || (vma.flags() & VmFlags.READ) == 0) {
      return inaccessible(address, end, HmmPfn.ERROR);
    }
    if ((vma.flags() & VmFlags.HUGETLB) != 0) {
      return walkHugetlb(vma, address, end);
    }
    return walkPgd(vma, address, end);
  }

  private Errno walkPgd(Vma vma, long address, long end) {
    for (long here = address; here < end; ) {
      long next = blockEnd(here, end, geometry.pgdShift());
      Errno errno =
          Pte.kind(tables.pgd(here)) == Pte.TABLE
              ? walkPud(vma, here, next)
              : hole(vma, here, next);
      if (errno != Errno.OK) {
        return errno;
      }
      here = next;
    }
    return Errno.OK;
  }

  /** {@code walk_pud_range} with {@code hmm_vma_walk_pud}: rows 8 to 11. */
  private Errno walkPud(Vma vma, long address, long end) {
    for (long here = address; here < end; ) {
      long next = blockEnd(here, end, geometry.pudShift());
      long pud = tables.pud(here);
      Errno errno;
      if (Pte.isPresent(pud) && (pud & Pte.DEVMAP) == 0) {
        tables.splitHugePud(vma, here);
        machine.preemptionPoint(Step.WALK, addressSpace);
        continue;
      } else if (Pte.isPresent(pud)) {
        errno = huge(vma, here, next, pud, geometry.pudShift());
      } else if (Pte.kind(pud) == Pte.TABLE) {
        errno = walkPmd(vma, here, next);
      } else {
        errno = hole(vma, here, next);
      }
      if (errno != Errno.OK) {
        return errno;
      }
      here = next;
    }
    return Errno.OK;
  }

  /** {@code walk_pmd_range}. */
  private Errno walkPmd(Vma vma, long address, long end) {
    for (long here = address; here < end; ) {
      long next = blockEnd(here, end, geometry.pmdShift());
      Errno errno = walkPmdEntry(vma, here, next);
      if (errno != Errno.OK) {
        return errno;
      }
      here = next;
    }
    return Errno.OK;
  }

  /** {@code hmm_vma_walk_pmd}: rows 3 to 7, and the leaf table. */
  private Errno walkPmdEntry(Vma vma, long address, long end) {
    long pmd = tables.pmd(address);
    long[] table = Pte.kind(pmd) == Pte.TABLE ? tables.ptes(address) : null;
    while (Pte.kind(pmd) == Pte.TABLE && table == null) {
      // The table went away since the pmd was read: look again at what is there now.
      machine.preemptionPoint(Step.WALK, addressSpace);
      pmd = tables.pmd(address);
      table = tables.ptes(address);
    }
    if (table != null && Pte.kind(pmd) == Pte.TABLE) {
      return walkPtes(vma, table, address, end);
    }
    return walkLargeEntry(vma, address, end, pmd);
  }

  private Errno walkLargeEntry(Vma vma, long address, long end, long pmd) {
    if (Pte.isPresent(pmd)) {
      return huge(vma, address, end, pmd, geometry.pmdShift());
    }
    if (Pte.kind(pmd) == Pte.NONE) {
      return hole(vma, address, end);
    }
    if (Pte.kind(pmd) != Pte.MIGRATION) {
      return inaccessible(address, end, HmmPfn.ERROR);
    }
    if (requests.need(address, end, 0) != NeedFault.NONE) {
      return waitForMigration(address);
    }
    requests.fill(address, end, 0);
    return Errno.OK;
  }

  private Errno walkPtes(Vma vma, long[] table, long address, long end) {
    Errno errno = ptes.walk(table, address, end);
    if (errno == Errno.EBUSY) {
      return waitForMigration(ptes.needAddress());
    }
    if (errno == Errno.OK && ptes.need() != NeedFault.NONE) {
      return faultIn(vma, ptes.needAddress(), end, ptes.need());
    }
    return errno;
  }

  /** {@code hmm_vma_handle_pmd} and the devmap half of {@code hmm_vma_walk_pud}: rows 6 and 10. */
  private Errno huge(Vma vma, long address, long end, long entry, int shift) {
    long cpuFlags = PteWalk.cpuFlags(entry);
    if (cpuFlags != 0) {
      cpuFlags |= (long) (shift - geometry.pageShift()) << HmmPfn.ORDER_SHIFT;
    }
    int need = requests.need(address, end, cpuFlags);
    if (need != NeedFault.NONE) {
      return faultIn(vma, address, end, need);
    }
    requests.fillConsecutive(address, end, cpuFlags | pfnWithin(entry, address, shift));
    return Errno.OK;
  }

  /** {@code walk_hugetlb_range} with {@code hmm_vma_walk_hugetlb_entry}: rows 12 and 13. */
  private Errno walkHugetlb(Vma vma, long address, long end) {
    int shift = tables.hugetlbShift(vma);
    for (long here = address; here < end; ) {
      long next = blockEnd(here, end, shift);
      long entry = tables.hugetlb(vma, here);
      Errno errno =
          entry == Pte.NO_TABLE ? hole(vma, here, next) : hugetlb(vma, here, next, entry, shift);
      if (errno != Errno.OK) {
        return errno;
      }
      here = next;
    }
    return Errno.OK;
  }

  private Errno hugetlb(Vma vma, long address, long end, long entry, int shift) {
    long order = (long) (shift - geometry.pageShift()) << HmmPfn.ORDER_SHIFT;
    long cpuFlags = PteWalk.cpuFlags(entry) | order;
    // Only the first page's request counts.
    int need = requests.need(requests.index(address), cpuFlags);
    if (need != NeedFault.NONE) {
      return faultIn(vma, address, end, need);
    }
    requests.fillConsecutive(address, end, cpuFlags | pfnWithin(entry, address, shift));
    return Errno.OK;
  }

  private long pfnWithin(long entry, long address, int shift) {
    return Pte.pfn(entry) + ((address & ((1L << shift) - 1)) >>> geometry.pageShift());
  }

  /** {@code hmm_vma_walk_hole} inside a VMA: row 3. */
  private Errno hole(Vma vma, long address, long end) {
    int need = requests.need(address, end, 0);
    if (need != NeedFault.NONE) {
      return faultIn(vma, address, end, need);
    }
    requests.fill(address, end, 0);
    return Errno.OK;
  }

  private Errno inaccessible(long address, long end, long answer) {
    if (requests.need(address, end, 0) != NeedFault.NONE) {
      return Errno.EFAULT;
    }
    requests.fill(address, end, answer);
    return Errno.OK;
  }

  private Errno faultIn(Vma vma, long address, long end, int need) {
    last = address;
    return fault.fault(vma, address, end, need);
  }

  private Errno waitForMigration(long address) {
    last = address;
    tables.migrationEntryWait(address);
    return Errno.EBUSY;
  }

  private static long blockEnd(long address, long end, int shift) {
    long border = ((address >>> shift) + 1) << shift;
    return Math.min(border, end);
  }
}

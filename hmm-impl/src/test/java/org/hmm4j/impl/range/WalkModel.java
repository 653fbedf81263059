// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/**
 * Section 6 of the specification once more, slow and to the letter: it looks at one page at a time,
 * finds out which row it is in and how far its block goes, and does what the row says.
 */
final class WalkModel {

  private static final long PAGE = 0x1000;

  private enum Row {
    OUTSIDE,
    NO_ACCESS,
    HOLE,
    PMD_MIGRATION,
    PMD_ERROR,
    HUGE,
    PUD_SPLIT,
    HUGETLB,
    LEAF
  }

  private record Block(Row row, Vma vma, long entry, int shift) {}

  private final ScriptedAddressSpace space;
  private final ScriptedPageTables tables;
  private final HmmRange range;
  private final long[] pfns;
  private final int collisionAtLook;

  /** Looks at the top of the loop. */
  private int looks;

  private long last;

  WalkModel(ScriptedAddressSpace space, HmmRange range, int collisionAtLook) {
    this.space = space;
    this.tables = space.tables;
    this.range = range;
    this.pfns = range.pfns();
    this.collisionAtLook = collisionAtLook;
    this.last = range.start();
  }

  Errno run() {
    while (true) {
      if (++looks == collisionAtLook) {
        return Errno.EBUSY;
      }
      Errno errno = pass();
      if (errno != Errno.EBUSY) {
        return errno;
      }
    }
  }

  private Errno pass() {
    long page = last;
    while (page < range.end()) {
      Block block = classify(page);
      long end = page + PAGE;
      while (end < range.end() && block.row != Row.LEAF && sameBlock(block, page, end)) {
        end += PAGE;
      }
      Errno errno = answer(block, page, end);
      if (errno != Errno.OK) {
        return errno;
      }
      if (block.row != Row.PUD_SPLIT) {
        page = end;
      }
    }
    return Errno.OK;
  }

  private Block classify(long page) {
    Vma vma = space.peekVma(page);
    if (vma == null || page < vma.start()) {
      return new Block(Row.OUTSIDE, null, 0, 63);
    }
    boolean raw = (vma.flags() & VmFlags.IO) != 0 || (vma.flags() & VmFlags.PFNMAP) != 0;
    if (raw || (vma.flags() & VmFlags.READ) == 0) {
      return new Block(Row.NO_ACCESS, vma, 0, 63);
    }
    if ((vma.flags() & VmFlags.HUGETLB) != 0) {
      long entry = tables.peekHuge(page);
      Row row = entry == Pte.NO_TABLE ? Row.HOLE : Row.HUGETLB;
      return new Block(row, vma, entry, tables.hugetlbShift);
    }
    if (tables.peekPgd(page) == Pte.NONE) {
      return new Block(Row.HOLE, vma, 0, tables.geometry().pgdShift());
    }
    long pud = tables.peekPud(page);
    if (pud != Pte.TABLE) {
      Row row = !Pte.isPresent(pud) ? Row.HOLE : (pud & Pte.DEVMAP) != 0 ? Row.HUGE : Row.PUD_SPLIT;
      return new Block(row, vma, pud, tables.geometry().pudShift());
    }
    long pmd = tables.peekPmd(page);
    if (pmd != Pte.TABLE) {
      Row row =
          Pte.isPresent(pmd)
              ? Row.HUGE
              : pmd == Pte.NONE
                  ? Row.HOLE
                  : Pte.kind(pmd) == Pte.MIGRATION ? Row.PMD_MIGRATION : Row.PMD_ERROR;
      return new Block(row, vma, pmd, tables.geometry().pmdShift());
    }
    return new Block(Row.LEAF, vma, tables.peekPte(page), 12);
  }

  private boolean sameBlock(Block block, long page, long other) {
    Block there = classify(other);
    return block.row == there.row
        && block.vma == there.vma
        && block.shift == there.shift
        && page >>> block.shift == other >>> block.shift;
  }

  private Errno answer(Block block, long page, long end) {
    return switch (block.row) {
      case OUTSIDE, NO_ACCESS, PMD_ERROR -> {
        if (wanted(page, end, 0)) {
          yield Errno.EFAULT;
        }
        yield fill(page, end, HmmPfn.ERROR, false);
      }
      case HOLE -> wanted(page, end, 0) ? fault(block, page, end, 0) : fill(page, end, 0, false);
      case PMD_MIGRATION -> wanted(page, end, 0) ? waitAt(page) : fill(page, end, 0, false);
      case PUD_SPLIT -> {
        tables.splitHugePud(block.vma, page);
        yield Errno.OK;
      }
      case HUGE -> {
        long cpu = cpu(block.entry);
        yield wanted(page, end, cpu)
            ? fault(block, page, end, cpu)
            : fill(page, end, huge(block, page, cpu, cpu != 0), true);
      }
      case HUGETLB -> {
        long cpu = cpu(block.entry);
        yield wanted(page, page + PAGE, cpu)
            ? faultAs(block, page, end, writeWanted(page, page + PAGE, cpu))
            : fill(page, end, huge(block, page, cpu, true), true);
      }
      case LEAF -> leaf(block, page);
    };
  }

  private Errno leaf(Block block, long page) {
    long entry = block.entry;
    int index = index(page);
    if (Pte.isPresent(entry)) {
      long cpu = cpu(entry);
      if (wanted(page, page + PAGE, cpu)) {
        return fault(block, page, restOfBlock(block, page), cpu);
      }
      boolean noPage =
          (entry & Pte.SPECIAL) != 0 && (entry & Pte.DEVMAP) == 0 && (entry & Pte.ZERO) == 0;
      if (noPage && wanted(page, page + PAGE, 0)) {
        return Errno.EFAULT;
      }
      pfns[index] = noPage ? HmmPfn.ERROR : cpu | Pte.pfn(entry);
      return Errno.OK;
    }
    long kind = Pte.kind(entry);
    if (kind == Pte.DEVICE_PRIVATE
        && range.devPrivateOwner() != null
        && tables.peekOwner(Pte.pfn(entry)) == range.devPrivateOwner()) {
      long write = Pte.isWritable(entry) ? HmmPfn.WRITE : 0;
      pfns[index] = Pte.pfn(entry) | HmmPfn.VALID | write;
      return Errno.OK;
    }
    if (!wanted(page, page + PAGE, 0)) {
      pfns[index] = 0;
      return Errno.OK;
    }
    if (kind == Pte.MIGRATION) {
      return waitAt(page);
    }
    if (kind == Pte.HWPOISON || kind == Pte.BAD) {
      return Errno.EFAULT;
    }
    return fault(block, page, restOfBlock(block, page), 0);
  }

  private long restOfBlock(Block block, long page) {
    long end = page + PAGE;
    long tableSize = 1L << tables.geometry().pmdShift();
    while (end < range.end() && end < block.vma.end() && end % tableSize != 0) {
      end += PAGE;
    }
    return end;
  }

  private int index(long page) {
    return (int) ((page - range.start()) / PAGE);
  }

  private boolean asks(long page, long bit) {
    return ((pfns[index(page)] & range.pfnFlagsMask() | range.defaultFlags()) & bit) != 0;
  }

  private boolean writeWanted(long page, long end, long cpu) {
    for (long p = page; p < end; p += PAGE) {
      if (asks(p, HmmPfn.REQ_FAULT) && asks(p, HmmPfn.REQ_WRITE) && (cpu & HmmPfn.WRITE) == 0) {
        return true;
      }
    }
    return false;
  }

  private boolean wanted(long page, long end, long cpu) {
    for (long p = page; p < end; p += PAGE) {
      if (asks(p, HmmPfn.REQ_FAULT) && (cpu & HmmPfn.VALID) == 0) {
        return true;
      }
    }
    return writeWanted(page, end, cpu);
  }

  private static long cpu(long entry) {
    if (!Pte.isPresent(entry) || (entry & Pte.PROTNONE) != 0) {
      return 0;
    }
    return Pte.isWritable(entry) ? HmmPfn.VALID | HmmPfn.WRITE : HmmPfn.VALID;
  }

  private static long huge(Block block, long page, long cpu, boolean ordered) {
    long within = page % (1L << block.shift) / PAGE;
    long order = ordered ? (long) (block.shift - 12) << HmmPfn.ORDER_SHIFT : 0;
    return Pte.pfn(block.entry) + within | cpu | order;
  }

  private Errno fill(long page, long end, long first, boolean rising) {
    for (long p = page; p < end; p += PAGE) {
      pfns[index(p)] = first + (rising ? (p - page) / PAGE : 0);
    }
    return Errno.OK;
  }

  private Errno waitAt(long page) {
    last = page;
    tables.migrationEntryWait(page);
    return Errno.EBUSY;
  }

  private Errno fault(Block block, long page, long end, long cpu) {
    long asking = block.row == Row.LEAF ? page + PAGE : end;
    return faultAs(block, page, end, writeWanted(page, asking, cpu));
  }

  private Errno faultAs(Block block, long page, long end, boolean write) {
    last = page;
    if (write && (block.vma.flags() & VmFlags.WRITE) == 0) {
      return Errno.EPERM;
    }
    int flags = write ? FaultFlags.REMOTE | FaultFlags.WRITE : FaultFlags.REMOTE;
    for (long p = page; p < end; p += PAGE) {
      if ((space.handleMmFault(block.vma, p, flags) & VmFault.ERROR) != 0) {
        return Errno.EFAULT;
      }
    }
    return Errno.EBUSY;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.Random;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/** Fills a small address space at random: two fillings from one seed are the same. */
final class RandomSpace {

  /** All the addresses there are: two pgd entries. */
  static final int PAGES = 1024;

  static final Object OWNER = new Object();
  private static final long OWN_FRAME = 0x500;
  private static final long[] PTE_FLAGS = {
    0, 0, 0, Pte.PROTNONE, Pte.SPECIAL, Pte.ZERO, Pte.DEVMAP, Pte.ZERO | Pte.SPECIAL, Pte.DIRTY
  };
  private static final long[] KINDS = {
    Pte.SWAP, Pte.MIGRATION, Pte.DEVICE_PRIVATE, Pte.DEVICE_EXCLUSIVE, Pte.MARKER, Pte.HWPOISON
  };

  private final Random random;
  private final ScriptedAddressSpace space;
  private final ScriptedPageTables tables;
  private final long seed;

  RandomSpace(ScriptedAddressSpace space, long seed) {
    this.random = new Random(seed);
    this.space = space;
    this.tables = space.tables;
    this.seed = seed;
  }

  void fill() {
    tables.hugetlbShift = 14;
    tables.own(OWN_FRAME, OWNER);
    space.handler = this::fault;
    tables.onWait = this::finishMigration;
    tables.onSplit = this::split;
    areas();
    for (long page = 0; page < PAGES; page += 64) {
      switch (isWhole(page, 64) ? random.nextInt(8) : 5 + random.nextInt(3)) {
        case 0 -> {}
        case 1 -> tables.putPud(at(page), Pte.NONE);
        case 2 -> tables.putPud(at(page), present(page, Pte.HUGE | Pte.DEVMAP));
        case 3 -> tables.putPud(at(page), present(page, Pte.HUGE));
        case 4 -> tables.putPud(at(page), Pte.nonPresent(Pte.MIGRATION, 1));
        default -> pmds(page);
      }
    }
    for (long page = 0; page < PAGES; page += 4) {
      tables.putHuge(at(page), random.nextInt(4) == 0 ? Pte.NO_TABLE : leafEntry(page, Pte.HUGE));
    }
  }

  /** A huge mapping never crosses the border of a VMA. */
  private boolean isWhole(long page, long count) {
    return space.areas().stream()
        .noneMatch(
            area -> isWithin(area.start(), page, count) || isWithin(area.end(), page, count));
  }

  private static boolean isWithin(long border, long page, long count) {
    return border > at(page) && border < at(page + count);
  }

  private static long at(long page) {
    return page << 12;
  }

  private void areas() {
    int page = 0;
    while (page < PAGES) {
      boolean huge = random.nextInt(10) == 0;
      int length = 1 + random.nextInt(random.nextBoolean() ? 12 : 150);
      int start = huge ? page + 3 & ~3 : page;
      int end = Math.min(PAGES, huge ? start + length + 3 & ~3 : start + length);
      if (start < end && random.nextInt(6) != 0) {
        space.vma(start, end, flags(huge));
      }
      page = Math.max(page + 1, end);
    }
  }

  private long flags(boolean huge) {
    long flags = VmFlags.READ | (random.nextInt(4) == 0 ? 0 : VmFlags.WRITE);
    if (huge) {
      return flags | VmFlags.HUGETLB;
    }
    return switch (random.nextInt(20)) {
      case 0 -> flags | VmFlags.IO;
      case 1 -> flags | VmFlags.PFNMAP;
      case 2 -> flags & ~VmFlags.READ;
      case 3 -> flags | VmFlags.MIXEDMAP;
      default -> flags;
    };
  }

  private void pmds(long first) {
    for (long page = first; page < first + 64; page += 8) {
      switch (isWhole(page, 8) ? random.nextInt(12) : 11) {
        case 0 -> tables.putPmd(at(page), Pte.NONE);
        case 1 -> tables.putPmd(at(page), present(page, Pte.HUGE));
        case 2 -> tables.putPmd(at(page), present(page, Pte.HUGE | Pte.PROTNONE));
        case 3 -> tables.putPmd(at(page), present(page, Pte.DEVMAP));
        case 4 -> tables.putPmd(at(page), Pte.nonPresent(Pte.MIGRATION, 2));
        case 5 ->
            tables.putPmd(at(page), Pte.nonPresent(random.nextBoolean() ? Pte.BAD : Pte.SWAP, 2));
        default -> {
          for (long p = page; p < page + 8; p++) {
            tables.putPte(at(p), leafEntry(p, PTE_FLAGS[random.nextInt(PTE_FLAGS.length)]));
          }
        }
      }
    }
  }

  private long present(long page, long flags) {
    return Pte.present(0x1000 + page, flags | (random.nextBoolean() ? Pte.WRITE : 0));
  }

  private long leafEntry(long page, long flags) {
    if (random.nextInt(3) != 0) {
      return present(page, flags);
    }
    if (random.nextBoolean()) {
      return Pte.NONE;
    }
    // Poison rarely: otherwise hardly any call would succeed.
    int kinds = random.nextInt(10) == 0 ? KINDS.length : KINDS.length - 1;
    long kind = KINDS[random.nextInt(kinds)];
    long write = random.nextBoolean() ? Pte.WRITE : 0;
    return Pte.nonPresent(kind | write, random.nextBoolean() ? OWN_FRAME : OWN_FRAME + 1);
  }

  /** Depends on the seed, the page and what is there, and on nothing else. */
  private int fault(Vma vma, long address, int flags) {
    Random dice = new Random(seed ^ address);
    if (dice.nextInt(60) == 0) {
      return 1 << dice.nextInt(2);
    }
    boolean write = (flags & FaultFlags.WRITE) != 0;
    if (write && (vma.flags() & VmFlags.WRITE) == 0) {
      throw new AssertionError("a write fault in a VMA without the right");
    }
    long entry =
        Pte.present(
            0x8000 + (address >>> 12),
            write || dice.nextBoolean() && mayWrite(vma) ? Pte.WRITE : 0);
    if ((vma.flags() & VmFlags.HUGETLB) != 0) {
      tables.putHuge(address, entry | Pte.HUGE);
    } else if (isLeaf(tables.peekPud(address))) {
      tables.putPud(address, tables.peekPud(address) & ~Pte.PROTNONE | (write ? Pte.WRITE : 0));
    } else if (isLeaf(tables.peekPmd(address))) {
      tables.putPmd(address, tables.peekPmd(address) & ~Pte.PROTNONE | (write ? Pte.WRITE : 0));
    } else {
      tables.putPte(address, entry);
    }
    return dice.nextInt(5) == 0 ? VmFault.MAJOR : 0;
  }

  private static boolean isLeaf(long entry) {
    return Pte.isPresent(entry);
  }

  private static boolean mayWrite(Vma vma) {
    return (vma.flags() & VmFlags.WRITE) != 0;
  }

  private void finishMigration(long address) {
    if (Pte.kind(tables.peekPmd(address)) == Pte.MIGRATION) {
      tables.putPmd(address, Pte.present(0x6000, Pte.HUGE));
    } else {
      tables.putPte(address, Pte.present(0x7000 + (address >>> 12), 0));
    }
  }

  private void split(long address) {
    long first = address >>> 18 << 6;
    long pud = tables.peekPud(address);
    for (long page = first; page < first + 64; page += 8) {
      tables.putPmd(at(page), Pte.present(Pte.pfn(pud) + page - first, pud & Pte.WRITE | Pte.HUGE));
    }
  }
}

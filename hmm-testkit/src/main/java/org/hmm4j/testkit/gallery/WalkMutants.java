// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import org.hmm4j.kernel.KernelBug.Rule;

/** The walk with the bugs of 5.2 to 5.18. */
final class WalkMutants {

  private static final String WALK = "range/HmmVmaWalk";
  private static final String PTES = "range/PteWalk";
  private static final String LOOP = "range/RangeWalk";
  private static final String FAULT = "range/BlockFault";
  private static final String DECISION = "    int wanted = requests.need(index, 0);\n";

  private static final String FRESH_WALK =
      "new HmmVmaWalk(addressSpace, range, requests, fault, mm.kernel().machine()).walk();";

  private WalkMutants() {}

  static List<Mutant> all() {
    return List.of(
        p01(), p04(), p05(), p19(), a2020a(), a2020b(), a2020c(), b2020(), x02(), x03(), x04a(),
        x04b(), x05(), x06(), x07(), x13(), x14(), x16());
  }

  private static Mutant p01() {
    return Mutant.of(
        "P01",
        "I33",
        "a devmap pud in a build without hugetlb",
        Patch.engine(
            WALK,
            "errno = huge(vma, here, next, pud, geometry.pudShift());",
            "errno = Errno.EINVAL;"));
  }

  private static Mutant p04() {
    return Mutant.of(
        "P04",
        "I24",
        "a NUMA hint counts as a page",
        Patch.engine(
            PTES,
            "if (!Pte.isPresent(entry) || (entry & Pte.PROTNONE) != 0) {",
            "if (!Pte.isPresent(entry)) {"));
  }

  private static Mutant p05() {
    return Mutant.of(
        "P05",
        "I16",
        "a retry is always allowed",
        Patch.engine(
            FAULT,
            "new BlockFault(addressSpace, FaultFlags.REMOTE);",
            "new BlockFault(addressSpace, FaultFlags.REMOTE | FaultFlags.ALLOW_RETRY);"));
  }

  private static Mutant p19() {
    return Mutant.of(
        "P19",
        "I16",
        "a range that is invalid at the top: unlock and EAGAIN",
        Patch.engine(
            LOOP,
            "        return Errno.EBUSY;\n",
            """
                    if (range.notifier() == null) {
                      mm.mmapLock().readUnlock();
                      return Errno.EAGAIN;
                    }
                    return Errno.EBUSY;
            """));
  }

  private static Mutant a2020a() {
    return Mutant.of(
            "2020-A(a)",
            "I30",
            "the result is a count up to the last hole, and 0 means busy",
            Patch.engine(
                WALK, "  private long last;\n", "  private long last;\n  long hole = -1;\n"),
            Patch.engine(
                WALK,
                """
                  return faultIn(vma, address, end, need);
                }
                requests.fill(address, end, 0);
            """,
                """
                  return faultIn(vma, address, end, need);
                }
                hole = address;
                requests.fill(address, end, 0);
            """),
            Patch.engine(
                LOOP,
                "    return errno;\n",
                """
                boolean nothing = errno == Errno.OK && walk.hole == range.start();
                return nothing ? Errno.EBUSY : errno;
            """))
        .shownBy(Sign.of("I48b"));
  }

  private static Mutant a2020b() {
    return Mutant.of(
        "2020-A(b)",
        "I28",
        "a restart begins at the start",
        Patch.engine(LOOP, "errno = walk.walk();", "errno = " + FRESH_WALK));
  }

  private static Mutant a2020c() {
    return Mutant.of(
        "2020-A(c)",
        "I28",
        "the wait for a migration forgets where it was",
        Patch.engine(
            WALK,
            """
                last = address;
                tables.migrationEntryWait(address);
            """,
            "    tables.migrationEntryWait(address);\n"));
  }

  private static Mutant b2020() {
    return Mutant.of(
        "2020-B",
        "I32",
        "answers are added to what was in the entry",
        Patch.engine(
            PTES,
            "pfns[first + i] = pte & PLAIN_ANSWER;",
            "pfns[first + i] |= pte & PLAIN_ANSWER;"),
        Patch.engine(
            PTES,
            "requests.pfns()[index] = Pte.pfn(pte) | cpuFlags;",
            "requests.pfns()[index] |= Pte.pfn(pte) | cpuFlags;"));
  }

  private static Mutant x02() {
    return Mutant.of(
        "X02",
        "I41",
        "nobody asks whether the VMA is writable",
        Patch.engine(
            FAULT,
            """
                  if ((vma.flags() & VmFlags.WRITE) == 0) {
                    return Errno.EPERM;
                  }
            """,
            ""));
  }

  private static Mutant x03() {
    return Mutant.of(
        "X03",
        "I34",
        "a gap is walked as a hole, with no VMA",
        Patch.engine(
            WALK,
            """
              private Errno outsideVmas(long address, long end) {
                return inaccessible(address, end, HmmPfn.ERROR);
            """,
            """
              private Errno outsideVmas(long address, long end) {
                return hole(null, address, end);
            """));
  }

  private static Mutant x04a() {
    return Mutant.of(
        "X04(a)",
        "I34",
        "no decision is made for swap",
        Patch.engine(
            PTES,
            DECISION,
            "    int wanted = kind == Pte.SWAP ? NeedFault.NONE : requests.need(index, 0);\n"));
  }

  private static Mutant x04b() {
    return Mutant.of(
        "X04(b)",
        "I34",
        "no decision is made for a migration",
        Patch.engine(
            PTES,
            DECISION,
            "    int wanted = kind == Pte.MIGRATION ? NeedFault.NONE : requests.need(index, 0);\n"));
  }

  private static Mutant x05() {
    return Mutant.of(
        "X05",
        "I28",
        "the entry is set to none before the fault",
        Patch.engine(
            WALK,
            "    return fault.fault(vma, address, end, need);\n",
            """
                requests.fill(address, end, 0);
                return fault.fault(vma, address, end, need);
            """));
  }

  private static Mutant x06() {
    return Mutant.of(
            "X06",
            "I18",
            "a hole is faulted in under the lock of its pud",
            Patch.engine(
                WALK,
                "  private long last;\n",
                "  private long last;\n  org.hmm4j.kernel.SpinLock pudLock;\n"),
            Patch.engine(
                WALK,
                "        errno = hole(vma, here, next);\n",
                """
                    pudLock.lock();
                    try {
                      errno = hole(vma, here, next);
                    } finally {
                      pudLock.unlock();
                    }
            """),
            Patch.engine(
                LOOP,
                "    Errno errno;\n",
                "    walk.pudLock = mm.pageTableLock();\n    Errno errno;\n"))
        .shownBy(Sign.of(Rule.SLEEP_IN_ATOMIC));
  }

  private static Mutant x07() {
    return Mutant.of(
        "X07",
        "I29",
        "a huge migration entry is left out of a snapshot",
        Patch.engine(
            WALK,
            """
                  return waitForMigration(address);
                }
                requests.fill(address, end, 0);
            """,
            """
                  return waitForMigration(address);
                }
            """));
  }

  private static Mutant x13() {
    return Mutant.of(
        "X13",
        "I34",
        "the memory of another device is out of reach",
        Patch.engine(PTES, "        || kind == Pte.DEVICE_PRIVATE\n", ""));
  }

  private static Mutant x14() {
    return Mutant.of(
            "X14",
            "I16",
            "one walk more, of which nobody looks at the result",
            Patch.engine(LOOP, "    Errno errno;\n", "    Errno errno;\n    walk.walk();\n"))
        .shownBy(Sign.of(Rule.LOCK_NOT_HELD));
  }

  private static Mutant x16() {
    return Mutant.of(
        "X16",
        "I36",
        "outside of VMAs all fails",
        Patch.engine(
            WALK,
            """
              private Errno outsideVmas(long address, long end) {
                return inaccessible(address, end, HmmPfn.ERROR);
            """,
            """
              private Errno outsideVmas(long address, long end) {
                return Errno.EFAULT;
            """));
  }
}

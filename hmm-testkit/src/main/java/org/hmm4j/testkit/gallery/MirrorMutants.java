// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.testkit.sim.Verdict;

/** The struct hmm as it was before patches 06 to 18. */
final class MirrorMutants {

  private static final String HMM = "range/MirroredMm";
  private static final String MIRROR = "range/Mirror";

  private MirrorMutants() {}

  static List<Mutant> all() {
    return List.of(
        p06a(), p06b(), p08(), p09a(), p09b(), p12(), p16(), p17a(), p17b(), p17c(), p17d(), p18());
  }

  private static Mutant p06a() {
    return Mutant.of(
            "P06(a)",
            "I01",
            "the hmm is freed at once, without a grace period",
            Patch.engine(
                HMM,
                "core.notifiers().callSrcu(this::freeAfterGracePeriod);",
                "freeAfterGracePeriod();"))
        .shownBy(Sign.of(Rule.USE_AFTER_FREE));
  }

  private static Mutant p06b() {
    return Mutant.of(
            "P06(b)",
            "I01",
            "a callback looks its hmm up through mm->hmm",
            Patch.engine(
                HMM,
                """
                allocation.check();
                if (!kref.getUnlessZero()) {
                  return Errno.OK;
                }
            """,
                """
                mm.pageTableLock().lock();
                MirroredMm found = (MirroredMm) mm.hmm();
                mm.pageTableLock().unlock();
                if (found == null) {
                  throw new org.hmm4j.kernel.KernelBug(
                      org.hmm4j.kernel.KernelBug.Rule.NOT_REGISTERED, "mm->hmm is NULL");
                }
                found.kref.getUnlessZero();
            """))
        .shownBy(Sign.of(Rule.NOT_REGISTERED), Sign.of(Verdict.WARNING));
  }

  private static Mutant p08() {
    return Mutant.of(
        "P08",
        "I07",
        "the hmm does not hold its mm",
        Patch.engine(HMM, "    mm.mmgrab();\n", ""),
        Patch.engine(HMM, "    mm.mmdrop();\n", ""));
  }

  private static Mutant p09a() {
    return Mutant.of(
        "P09(a)",
        "I08",
        "a dying hmm counts as one that is there",
        Patch.engine(
            HMM,
            """
                    return known;
                  }
            """,
            """
                    return known;
                  }
                  if (mm.hmm() != null) {
                    return null;
                  }
            """));
  }

  private static Mutant p09b() {
    return Mutant.of(
        "P09(b)",
        "I10",
        "the hmm is published before its notifier is registered",
        Patch.engine(
            HMM,
            """
                MirroredMm fresh = new MirroredMm(core, mm, allocation);
            """,
            """
                MirroredMm fresh = new MirroredMm(core, mm, allocation);
                mm.pageTableLock().lock();
                mm.hmm(fresh);
                mm.pageTableLock().unlock();
            """));
  }

  private static Mutant p12() {
    return Mutant.of(
            "P12",
            "I13",
            "a range asks once whether the mm lives and takes mm_count only",
            Patch.engine(
                MIRROR,
                """
                if (!owner.mm().mmgetNotZero()) {
                  return Errno.EFAULT;
                }
            """,
                """
                if (owner.mm().mmUsers() == 0) {
                  return Errno.EFAULT;
                }
                owner.mm().mmgrab();
            """),
            Patch.engine(MIRROR, "    owner.mm().assertMayPut();\n", ""),
            Patch.engine(
                MIRROR,
                """
                  if (!added) {
                    owner.mm().mmputOfMany();
            """,
                """
                  if (!added) {
                    owner.mm().mmdrop();
            """),
            Patch.engine(
                MIRROR,
                """
                try {
                  owner.mm().mmputOfMany();
            """,
                """
                try {
                  owner.mm().mmdrop();
            """))
        .shownBy(Sign.of("I13"), Sign.of("I26"));
  }

  private static Mutant p16() {
    return Mutant.of(
        "P16",
        "I05",
        "release unlinks each mirror and calls it without mirrors_sem",
        Patch.engine(
            HMM,
            """
                  mirrorsSem.readLock();
                  try {
                    for (Mirror mirror : mirrors) {
                      release(mirror, failures);
                    }
                  } finally {
                    mirrorsSem.readUnlock();
                  }
            """,
            """
                  for (Mirror mirror = take(); mirror != null; mirror = take()) {
                    release(mirror, failures);
                  }
            """),
        Patch.engine(
            HMM,
            "  private static void release(Mirror mirror,",
            """
              private Mirror take() {
                mirrorsSem.writeLock();
                try {
                  return mirrors.pollFirst();
                } finally {
                  mirrorsSem.writeUnlock();
                }
              }

              private static void release(Mirror mirror,"""));
  }

  private static Mutant p17a() {
    return Mutant.of(
        "P17(a)",
        "I21",
        "a start that fails does not take its count back",
        Patch.engine(
            HMM,
            """
                  if (!begun) {
                    ranges.notifiersDecrement();
                  }
            """,
            ""));
  }

  private static Mutant p17b() {
    return Mutant.of(
        "P17(b)",
        "I23",
        "an inner variable hides the answer of the driver",
        Patch.engine(
            HMM,
            """
                      errno = Errno.EAGAIN;
                      break;
            """,
            "          break;\n"));
  }

  private static Mutant p17c() {
    return Mutant.of(
            "P17(c)",
            "I23b",
            "a lock that sleeps is taken where sleeping is forbidden",
            Patch.engine(
                HMM,
                """
                } else if (!mirrorsSem.readTryLock()) {
                  return Errno.EAGAIN;
                }
            """,
                """
                } else if (!mirrorsSem.readTryLock()) {
                  mirrorsSem.readLock();
                }
            """))
        .shownBy(Sign.of(Rule.SLEEP_IN_ATOMIC));
  }

  private static Mutant p17d() {
    return Mutant.of(
        "P17(d)",
        "I25",
        "the count is raised only after the callbacks",
        Patch.engine(HMM, "    ranges.invalidate(range.start(), range.end());\n", ""),
        Patch.engine(
            HMM,
            """
                  begun = errno == Errno.OK;
                  return errno;
                } finally {
                  if (!begun) {
                    ranges.notifiersDecrement();
                  }
            """,
            """
                  begun = errno == Errno.OK;
                  if (begun) {
                    ranges.invalidate(range.start(), range.end());
                  }
                  return errno;
                } finally {
            """));
  }

  private static Mutant p18() {
    return Mutant.of(
        "P18",
        "I26",
        "valid is sampled before ranges_lock is taken",
        Patch.engine(
            MIRROR,
            "boolean valid = owner.ranges().remove(registered);",
            """
            boolean valid = registered.isMarkedValid();
                owner.ranges().remove(registered);"""));
  }
}

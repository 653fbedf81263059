// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;

/** Registering and unregistering as it was before patches 03 to 15. */
final class RegistrationMutants {

  private static final String MIRROR = "range/Mirror";

  private RegistrationMutants() {}

  static List<Mutant> all() {
    return List.of(p03(), p07(), p10(), p13(), p14(), p15());
  }

  private static Mutant p03() {
    return Mutant.of(
        "P03",
        "I14",
        "range->hmm is set before the tests that may fail",
        Patch.engine(
            MIRROR,
            "    PageTableGeometry geometry = owner.mm()",
            """
                new RegisteredRange(this, owner, range, core.kernel().allocations().track("x"))
                    .publish();
                PageTableGeometry geometry = owner.mm()"""),
        Patch.engine(
            "range/RegisteredRange",
            "&& !registered.allocation.isFree();",
            """
            && !registered.allocation.isFree()
                    && registered.node.isLinked();"""));
  }

  private static Mutant p07() {
    return Mutant.of(
        "P07",
        "I06",
        "a range finds the hmm of its mm, or makes one",
        Patch.engine(
            MIRROR,
            """
                current.allocation.check();
                if (RegisteredRange.isRegistered(range)) {
            """,
            "    if (RegisteredRange.isRegistered(range)) {\n"),
        Patch.engine(
            MIRROR,
            "MirroredMm owner = current.owner;",
            """
            MirroredMm owner =
                    current.allocation.isFree()
                        ? MirroredMm.getOrCreate(core, current.owner.mm())
                        : current.owner;"""));
  }

  private static Mutant p10() {
    return Mutant.of(
        "P10",
        "I18",
        "a wait looks at valid first and returns early",
        Patch.engine(
            "range/RegisteredRange",
            "    return owner.waitUntilValid(this, timeoutMillis);",
            "    return valid || owner.waitUntilValid(this, timeoutMillis);"));
  }

  private static Mutant p13() {
    return Mutant.of(
        "P13",
        "I17",
        "the lock is asked for in a comment only",
        Patch.engine(
            MIRROR,
            """
                target.mmapLock().assertHeldWrite();
                target.assertHasUser();
            """,
            "    target.assertHasUser();\n"),
        Patch.engine("range/MirroredMm", "    mm.mmapLock().assertHeldWrite();\n", ""),
        Patch.engine("notifier/ListNotifier", "    target.mmapLock().assertHeldWrite();\n", ""),
        Patch.engine("mm/CountedMm", "    mmapLock.assertHeldWrite();\n", ""));
  }

  private static Mutant p14() {
    return Mutant.of(
        "P14",
        "I15",
        "a second unregister of a mirror returns silently",
        Patch.engine(
            MIRROR,
            "    MirroredMm owner = registration().owner;\n",
            """
                if (registration().allocation.isFree()) {
                  return;
                }
                MirroredMm owner = registration().owner;
            """));
  }

  private static Mutant p15() {
    return Mutant.of(
        "P15",
        "I15",
        "a second unregister of a range returns silently",
        Patch.engine(
            MIRROR,
            """
                RegisteredRange registered = RegisteredRange.of(range, this);
                MirroredMm owner = registered.owner();
            """,
            """
                RegisteredRange registered = RegisteredRange.of(range, this);
                if (!RegisteredRange.isRegistered(range)) {
                  return false;
                }
                MirroredMm owner = registered.owner();
            """));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import org.hmm4j.kernel.KernelBug.Rule;

/** The nouveau wrapper before patch 21, and with what was never fixed. */
final class DriverMutants {

  private static final String FAILED_REGISTER =
      """
            mmapLock.readUnlock();
            return errno;
      """;

  private DriverMutants() {}

  static List<Mutant> all() {
    return List.of(p20(), p21a(), p21b(), x15());
  }

  private static Mutant p20() {
    return Mutant.of(
        "P20",
        "I19",
        "a range that timed out stays registered",
        Patch.nouveau(
            "      errno = range.waitUntilValid(TIMEOUT_MILLIS) ? walk.apply(range) : Errno.EBUSY;\n",
            """
                  if (!range.waitUntilValid(TIMEOUT_MILLIS)) {
                    errno = Errno.OK;
                    mmapLock.readUnlock();
                    return Errno.EBUSY;
                  }
                  errno = walk.apply(range);
            """));
  }

  private static Mutant p21a() {
    return Mutant.of(
        "P21(a)",
        "I16",
        "the lock is released only when busy",
        Patch.nouveau(": errno != Errno.EAGAIN;", ": errno == Errno.EBUSY;"));
  }

  private static Mutant p21b() {
    return Mutant.of(
        "P21(b)",
        "I16",
        "a failed register keeps the lock",
        Patch.nouveau(FAILED_REGISTER, "      return errno;\n"));
  }

  private static Mutant x15() {
    return Mutant.of(
            "X15",
            "I14",
            "the error path takes the lock from range->hmm, which is null",
            Patch.nouveau(FAILED_REGISTER, "      range.valid();\n" + FAILED_REGISTER))
        .shownBy(Sign.of(Rule.NOT_REGISTERED));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.RuleBrokenError;
import org.hmm4j.testkit.sim.Verdict;

/**
 * What a failure looks like: the invariant that it names, else the misuse that the kernel reports,
 * else the verdict.
 *
 * @param name such as {@code I26}, {@code SLEEP_IN_ATOMIC} or {@code DEADLOCK}
 */
record Sign(String name) {

  static Sign of(String invariant) {
    return new Sign(invariant);
  }

  static Sign of(KernelBug.Rule misuse) {
    return new Sign(misuse.name());
  }

  static Sign of(Verdict verdict) {
    return new Sign(verdict.name());
  }

  static Sign of(Failure failure) {
    // A run that does not replay shows nothing, whatever it threw.
    Sign sign = of(failure.verdict());
    if (failure.verdict() == Verdict.NONDETERMINISM) {
      return sign;
    }
    for (Throwable here = failure.cause().orElse(null); here != null; here = here.getCause()) {
      if (here instanceof RuleBrokenError broken) {
        return of(broken.rule());
      }
      if (here instanceof KernelBug bug && bug.rule() != KernelBug.Rule.CALLBACK_THREW) {
        sign = of(bug.rule());
      }
    }
    return sign;
  }

  @Override
  public String toString() {
    return name;
  }
}

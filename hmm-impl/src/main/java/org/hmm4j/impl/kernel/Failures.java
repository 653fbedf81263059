// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;

/** Collects the complaints of steps that must all be done: the first one, with the others added. */
final class Failures {

  private KernelBug first;

  void add(KernelBug bug) {
    if (first == null) {
      first = bug;
    } else {
      first.addSuppressed(bug);
    }
  }

  void throwIfAny() {
    if (first != null) {
      throw first;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.driver.NouveauRanges;

/**
 * What a card looks at: an engine, and the nouveau wrapper on top of it.
 *
 * @param kernels boots the engine
 * @param nouveau the wrapper
 */
record Subject(KernelProvider kernels, Nouveau nouveau) {

  /** {@code nouveau_range_fault}. */
  @FunctionalInterface
  interface Nouveau {
    Errno fault(HmmMirror mirror, HmmRange range, boolean block);
  }

  /** The code as it is. */
  static Subject ours() {
    return new Subject(
        Kernel::boot,
        (mirror, range, block) ->
            block
                ? NouveauRanges.fault(mirror, range)
                : NouveauRanges.faultAllowRetry(mirror, range));
  }
}

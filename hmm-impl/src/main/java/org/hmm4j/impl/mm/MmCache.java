// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

import java.util.Objects;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.PseudoLock;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.MmAllocator;
import org.hmm4j.mm.MmStruct;

/** Makes mms: {@code mm_alloc}, kernel/fork.c. */
public final class MmCache implements MmAllocator {

  private final Kernel kernel;

  /**
   * Makes the cache of a kernel.
   *
   * @param kernel the kernel
   */
  public MmCache(Kernel kernel) {
    this.kernel = kernel;
    primeExit();
  }

  /** Each exit takes the mmap lock of its mm; known here before the first one happens. */
  private void primeExit() {
    PseudoLock exit = kernel.lockdep().mmExit();
    exit.acquire();
    kernel.rwSemaphore(CountedMm.MMAP_LOCK).mightLock();
    exit.release();
  }

  @Override
  public MmStruct alloc(AddressSpace addressSpace) {
    Objects.requireNonNull(addressSpace, "addressSpace");
    Allocation allocation = kernel.allocations().allocate("mm_struct");
    return allocation == null ? null : new CountedMm(kernel, addressSpace, allocation);
  }
}

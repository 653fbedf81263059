// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/** A test's hand in the fault handler: asked before each fault is served. */
@FunctionalInterface
public interface FaultInterceptor {

  /** Lets every fault go on. */
  FaultInterceptor NONE = (vma, address, flags) -> 0;

  /**
   * Decides about a fault. Context: mmap lock held for read, no page-table lock; may sleep. Faults
   * of several tasks ask at the same time.
   *
   * @param vma the VMA that holds the address
   * @param address any address within the page
   * @param flags bits of {@link org.hmm4j.mm.FaultFlags}
   * @return 0 to let it go on; otherwise bits of {@link org.hmm4j.mm.VmFault} that the fault
   *     handler answers at once. {@link org.hmm4j.mm.VmFault#RETRY} makes it drop the mmap lock if
   *     the flags have {@link org.hmm4j.mm.FaultFlags#ALLOW_RETRY}, and is ignored without
   */
  int beforeFault(FakeVma vma, long address, int flags);
}

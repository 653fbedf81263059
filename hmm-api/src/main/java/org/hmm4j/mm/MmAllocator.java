// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/** The part of the engine behind {@link MmStruct#alloc}: {@code mm_cachep}, kernel/fork.c. */
public interface MmAllocator {

  /**
   * Makes an mm with one user and one count.
   *
   * @param addressSpace the address space that it stands for
   * @return the mm, or null if the allocation failed
   */
  MmStruct alloc(AddressSpace addressSpace);
}

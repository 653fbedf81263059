// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * A stretch of an address space with one set of rights: {@code struct vm_area_struct}. Stable while
 * the mmap lock is held.
 */
public interface Vma {

  /**
   * Returns where it begins: {@code vm_start}.
   *
   * @return an address in bytes, inclusive, page-aligned
   */
  long start();

  /**
   * Returns where it ends: {@code vm_end}.
   *
   * @return an address in bytes, exclusive, page-aligned
   */
  long end();

  /**
   * Returns its rights and kind: {@code vm_flags}.
   *
   * @return bits of {@link VmFlags}
   */
  long flags();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.VmFlags;

/** What a mapping lets the CPU do: the {@code PROT_*} argument of mmap and mprotect. */
public enum Prot {
  /** No access: {@code PROT_NONE}. */
  NONE(0),
  /** Loads only: {@code PROT_READ}. */
  READ(VmFlags.READ),
  /** Loads and stores: {@code PROT_READ | PROT_WRITE}. */
  READ_WRITE(VmFlags.READ | VmFlags.WRITE);

  /** The rights that mprotect can change: {@code VM_ACCESS_FLAGS}. */
  static final long ACCESS_FLAGS = VmFlags.READ | VmFlags.WRITE | VmFlags.EXEC;

  private final long vmFlags;

  Prot(long vmFlags) {
    this.vmFlags = vmFlags;
  }

  /** Returns the rights as bits of {@link VmFlags}: {@code calc_vm_prot_bits}. */
  long vmFlags() {
    return vmFlags;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import org.hmm4j.kernel.Errno;

/** The callbacks of a mirror: {@code struct hmm_mirror_ops}, include/linux/hmm.h, v5.3. */
public interface HmmMirrorOps {

  /**
   * Takes a range out of the device page table: {@code sync_cpu_device_pagetables}. When this
   * returns {@link Errno#OK} the device no longer uses the old entries. Context: the task that
   * changes the address space; sleeps only if the update is blockable; must not take the mmap lock,
   * nor register or unregister a mirror.
   *
   * @param mirror the mirror
   * @param update what changes
   * @return {@link Errno#OK}; {@link Errno#EAGAIN} only if the update is not blockable and the
   *     callback would have had to sleep. Anything else is a warning and counts as success
   */
  Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update);

  /**
   * The address space exits: {@code release}. All access by the device must have stopped when this
   * returns, and any later one must fault. The mirror stays registered and still has to be
   * unregistered, but not from here. Context: may sleep.
   *
   * @param mirror the mirror
   */
  default void release(HmmMirror mirror) {}
}

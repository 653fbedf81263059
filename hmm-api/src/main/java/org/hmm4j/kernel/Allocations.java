// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.List;

/** The allocator's book: {@code kmalloc} with the records of KASAN and kmemleak. */
public interface Allocations {

  /**
   * Makes a record for a new object: {@code kzalloc(GFP_KERNEL)}. Context: may sleep, and may
   * reclaim memory; checked also when it will not.
   *
   * @param type what kind of object, in the kernel's words: {@code "hmm"}, {@code "mm_struct"}
   * @return the record, or null if the {@linkplain KernelOptions#failAllocation fault plan} lets
   *     this allocation fail
   * @throws KernelBug as {@link Context#mightAlloc}; nothing is allocated
   */
  Allocation allocate(String type);

  /**
   * As {@link #allocate}, without sleeping or reclaim: {@code kzalloc(GFP_NOWAIT)}. Any context.
   *
   * @param type what kind of object
   * @return the record, or null if the fault plan lets this allocation fail
   */
  Allocation allocateNowait(String type);

  /**
   * Makes a record for an object whose memory is its owner's, such as a range on a driver's stack,
   * for the time that it is registered. Never fails. Any context.
   *
   * @param type what kind of object
   * @return the record, to be freed when the object is unregistered
   */
  Allocation track(String type);

  /**
   * Returns the records of all objects that were not freed.
   *
   * @return a copy, oldest first; the text of each names the task and the place that made it
   */
  List<Allocation> live();
}

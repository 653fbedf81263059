// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * The allocation record of an object whose lifetime the kernel manages: live from {@link
 * Allocations#allocate} until {@link #free}. Plays the part of KASAN for its user.
 */
public interface Allocation {

  /**
   * Requires that the object is live. Cheap: one read.
   *
   * @throws KernelBug {@link KernelBug.Rule#USE_AFTER_FREE} if it was freed; the message and the
   *     cause say by whom and where
   */
  void check();

  /**
   * Frees the object: {@code kfree}. Any context.
   *
   * @throws KernelBug {@link KernelBug.Rule#DOUBLE_FREE} if it was freed already
   */
  void free();

  /**
   * Returns whether the object was freed.
   *
   * @return true after {@link #free}
   */
  boolean isFree();

  /**
   * Returns what kind of object this is.
   *
   * @return the type given to {@link Allocations#allocate}
   */
  String type();
}

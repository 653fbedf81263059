// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * A reference count that starts at one: {@code struct kref} over {@code refcount_t},
 * include/linux/kref.h and lib/refcount.c, Linux 6.1.
 *
 * <p>A misuse saturates the count for ever, so that the object leaks rather than being freed under
 * a user, and leaves a {@link Warning}. A count that was zero never rises again.
 */
public interface Kref {

  /**
   * Takes one more reference: {@code kref_get}. The caller has one already. Any context. On a count
   * of zero or at the top: saturates and warns.
   */
  void get();

  /**
   * Takes a reference unless the count is zero: {@code kref_get_unless_zero}. Any context.
   *
   * @return false if the count was zero, which it then stays
   */
  boolean getUnlessZero();

  /**
   * Drops a reference and runs the release function if it was the last: {@code kref_put}. Context:
   * that of the release function. On a count of zero: saturates and warns.
   *
   * @return true if the release function ran
   */
  boolean put();

  /**
   * Returns the count, which may be old when it is looked at: {@code kref_read}.
   *
   * @return the number of references, 0 when the object is gone, negative once saturated
   */
  int read();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

/**
 * One lock class was taken while another was held: {@code struct lock_list},
 * include/linux/lockdep.h.
 *
 * @param from the class that was held
 * @param to the class that was taken
 * @param heldAt where the first had been taken
 * @param takenAt where the second was
 */
record LockEdge(LockClass from, LockClass to, LockSite heldAt, LockSite takenAt) {}

// SPDX-License-Identifier: Apache-2.0

/**
 * The notifier layer: how an address space tells devices that its page tables change.
 *
 * <p>An address space brackets each change with {@link
 * org.hmm4j.notifier.MmuNotifiers#invalidateRangeStart} and {@link
 * org.hmm4j.notifier.MmuNotifiers#invalidateRangeEnd}. Two kinds of subscribers hear of it: a
 * {@link org.hmm4j.notifier.MmuNotifier} of both, for the whole address space, and a {@link
 * org.hmm4j.notifier.MmuIntervalNotifier} of the start only, for one interval, together with a
 * sequence number that tells a reader whether what it read before is still true. Intervals are
 * called first.
 *
 * <p>Mirrors mm/mmu_notifier.c and include/linux/mmu_notifier.h of Linux 6.1.
 */
package org.hmm4j.notifier;

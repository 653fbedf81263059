// SPDX-License-Identifier: Apache-2.0

/**
 * The notifier core: mm/mmu_notifier.c, Linux 6.1.
 *
 * <p>Read {@link org.hmm4j.impl.notifier.Subscriptions} first: it is what an mm has, with the list
 * of {@link org.hmm4j.impl.notifier.ListNotifier list notifiers} and the {@link
 * org.hmm4j.impl.notifier.IntervalSubscriptions intervals}. {@link
 * org.hmm4j.impl.notifier.NotifierCore} is the door: it finds the subscriptions of an mm and
 * brackets invalidations. {@link org.hmm4j.impl.notifier.FailedStartRule} is where the kernels
 * differ.
 */
package org.hmm4j.impl.notifier;

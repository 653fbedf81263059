// SPDX-License-Identifier: Apache-2.0

/**
 * The engine's half of an address space: counters, locks, the order of exit, and the places where
 * the layers below hang their state.
 *
 * <p>{@link org.hmm4j.impl.mm.CountedMm} is {@code struct mm_struct} of kernel/fork.c, {@link
 * org.hmm4j.impl.mm.MmCache} makes it, {@link org.hmm4j.impl.mm.NotifierSubscriptions} is what the
 * notifier layer hangs into it.
 */
package org.hmm4j.impl.mm;

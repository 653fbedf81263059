// SPDX-License-Identifier: Apache-2.0

/**
 * The mm port: what an address space implements, and what the engine keeps for it.
 *
 * <p>The author of an address space implements {@link org.hmm4j.mm.AddressSpace}, {@link
 * org.hmm4j.mm.Vma} and {@link org.hmm4j.mm.PageTables}, and asks the engine for the {@link
 * org.hmm4j.mm.MmStruct} that belongs to it: counters, locks, notifier subscriptions and the order
 * of exit. Drivers see only the {@link org.hmm4j.mm.MmStruct}.
 *
 * <p>Page-table entries are {@code long} values in the format of {@link org.hmm4j.mm.Pte}, and a
 * leaf table is a {@code long[]}, so that the page walk is a pass over primitives. The bits are our
 * own; what they tell apart is what {@code mm/hmm.c} and {@code mm/pagewalk.c} of Linux 6.1 tell
 * apart.
 */
package org.hmm4j.mm;
